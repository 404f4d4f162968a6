"""What a run leaves behind: a line per stage in a log file, and its record in the run log."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deduper.errors import ConfigurationError
from deduper.settings import Settings

RUN_LOG = "runs.jsonl"
LINE = "%(asctime)s %(process)d %(levelname)s %(message)s"

logger = logging.getLogger("deduper")


@dataclass(slots=True)
class Run:
    """What a run has to say when it ends: the rows it wrote and its exit code."""

    rows: int = 0
    exit_code: int = 1


@contextmanager
def log_file(settings: Settings) -> Iterator[None]:
    """Log to `<NAME_APP>.log` in PATH_TO_LOGS, which is made where it is missing.

    Raises:
        ConfigurationError: PATH_TO_LOGS cannot be written.
    """
    if settings.logs is None:
        yield
        return
    handler = _handler(settings.logs / f"{_file_name(settings.name)}.log")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


@contextmanager
def recorded(settings: Settings, arguments: Sequence[str]) -> Iterator[Run]:
    """Write the run to the run log: a line when it starts, the whole when it ends.

    A run with a `started` line and no `ended` line was killed.
    """
    run = Run()
    begun = time.monotonic()
    record: dict[str, object] = {
        "started": _now(),
        "arguments": list(arguments),
        "pid": os.getpid(),
        "attempt_marker": settings.attempt_marker,
        "request_id": settings.request_id,
        "job": settings.job,
    }
    _append(settings.logs, {"event": "started", **record})
    try:
        yield run
    finally:
        took = round(time.monotonic() - begun, 3)
        end = {"rows": run.rows, "seconds": took, "ended": _now(), "exit_code": run.exit_code}
        _append(settings.logs, {"event": "ended", **record, **end})


def _handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"PATH_TO_LOGS cannot be written: {error}") from error
    formatter = logging.Formatter(LINE)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    return handler


def _file_name(name: str) -> str:
    return "".join("-" if character in "/\\\0" else character for character in name)


def _append(folder: Path | None, record: dict[str, object]) -> None:
    """Append one line in one write, so that lines of runs side by side stay whole."""
    if folder is None:
        return
    line = json.dumps(record, ensure_ascii=False) + "\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(folder / RUN_LOG, flags, 0o644)
    try:
        os.write(descriptor, line.encode("utf-8", "surrogateescape"))
    finally:
        os.close(descriptor)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
