"""The `api/` stand-in as a real Node process in front of either worker.

`python -m rig.stand_in` becomes it, with its variables taken from the environment;
`python -m rig.stand_in --install` only brings its packages, which may take npm a while.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rig import npm

FOLDER = Path(__file__).parents[1] / "api_stand_in"
PREFIX = "/analysis/deduper"
STOP_LIMIT_SECONDS = 10.0


@contextmanager
def running(base: str, database: Path, log: Path, *, port: int = 0) -> Iterator[str]:
    """Start the stand-in on a free port or this one, yield its URL, stop it.

    Args:
        base: the worker's base URL exactly as `URL_BASE_NEWS_NEXUS_PYTHON_QUEUER` would hold it.
        database: the shared SQLite file.
        log: where its errors go.
        port: to listen on; 0 for a free one.
    """
    environment = {
        "URL_BASE_NEWS_NEXUS_PYTHON_QUEUER": base,
        "PATH_TO_DATABASE": str(database.parent),
        "NAME_DB": database.name,
        "PORT": str(port),
        "NODE_NO_WARNINGS": "1",
    }
    with log.open("wb") as errors:
        process = _start(environment, errors.fileno())
        try:
            yield _announced_url(process, log)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_LIMIT_SECONDS)


def main(arguments: Sequence[str] = ()) -> None:
    """Bring the packages; become the stand-in, unless only they were asked for."""
    npm.install(FOLDER)
    if "--install" not in arguments:
        os.execv(npm.node(), [npm.node(), str(FOLDER / "server.js")])  # noqa: S606 - our file, no shell


def _start(environment: Mapping[str, str], errors: int) -> subprocess.Popen[str]:
    npm.install(FOLDER)
    return subprocess.Popen(
        [npm.node(), str(FOLDER / "server.js")],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


def _announced_url(process: subprocess.Popen[str], log: Path) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("listening on "):
        raise RuntimeError(f"the stand-in did not start:\n{log.read_text()}")
    return line.removeprefix("listening on ").strip()


if __name__ == "__main__":
    main(sys.argv[1:])
