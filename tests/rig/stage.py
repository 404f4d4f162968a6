"""The whole scene: a worker, the stand-in for `api/` in front of it, the database they share.

`python -m rig.stage KIND PORT SAMPLE` sets it until it is told to end, for the harness to ask.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from rig import database, stand_in, workers

PATIENCE_SECONDS = 90.0  # longer than a clear may take; api/ itself waits for ever


@dataclass(frozen=True, slots=True)
class Stage:
    """What a test of the whole scene holds in its hands."""

    worker: workers.Worker
    api: httpx.Client
    database: Path


@contextmanager
def set_up(
    kind: str,
    sample: Path,
    folder: Path,
    *,
    base: str = "{worker}/",
    environment: Mapping[str, str] | None = None,
    port: int = 0,
) -> Iterator[Stage]:
    """Set the scene in a folder of its own, and clear it away.

    Args:
        kind: `flask` or `fastapi`.
        sample: the database that is copied.
        folder: an empty one.
        base: the base URL variable of `api/`, with `{worker}` for the worker's URL.
        environment: added to the worker's.
        port: of the stand-in; 0 for a free one.
    """
    copy = database.copy_to(sample, folder / "database")
    variables = {**workers.worker_environment(copy, folder), **(environment or {})}
    with ExitStack() as stack:
        worker = stack.enter_context(workers.running(kind, folder, variables))
        log = folder / "stand-in.log"
        joined = base.format(worker=worker.url)
        url = stack.enter_context(stand_in.running(joined, copy, log, port=port))
        api = httpx.Client(base_url=url + stand_in.PREFIX, timeout=PATIENCE_SECONDS)
        yield Stage(worker, stack.enter_context(api), copy)


def main(kind: str, port: str, sample: str) -> int:
    """Set the scene on a port until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        tempfile.TemporaryDirectory(prefix="stage-") as folder,
        set_up(kind, Path(sample), Path(folder), port=int(port)),
    ):
        while True:
            signal.pause()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
