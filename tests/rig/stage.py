"""The whole scene: a worker, the stand-in for `api/` in front of it, the database they share."""

from __future__ import annotations

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
) -> Iterator[Stage]:
    """Set the scene in a folder of its own, and clear it away.

    Args:
        kind: `flask` or `fastapi`.
        sample: the database that is copied.
        folder: an empty one.
        base: the base URL variable of `api/`, with `{worker}` for the worker's URL.
        environment: added to the worker's.
    """
    copy = database.copy_to(sample, folder / "database")
    variables = {**workers.worker_environment(copy, folder), **(environment or {})}
    with ExitStack() as stack:
        worker = stack.enter_context(workers.running(kind, folder, variables))
        log = folder / "stand-in.log"
        url = stack.enter_context(stand_in.running(base.format(worker=worker.url), copy, log))
        api = httpx.Client(base_url=url + stand_in.PREFIX, timeout=PATIENCE_SECONDS)
        yield Stage(worker, stack.enter_context(api), copy)
