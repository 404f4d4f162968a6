"""The environment, read once: the only place that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deduper.errors import ConfigurationError

DEFAULT_NAME = "deduper"
DEFAULT_WAIT_SECONDS = 30.0
CACHE_FILE = "deduper-embeddings.sqlite"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a run reads and writes.

    `logs` is None where PATH_TO_LOGS is unset: then there is no log file and no run log.
    `wait_seconds` is how long another program's lock on the database is waited for.
    `attempt_marker`, `job` and `request_id` come from the worker that started us, for the run log.
    """

    database: Path
    cache: Path
    name: str
    logs: Path | None
    csv: Path | None
    model: Path | None
    wait_seconds: float
    attempt_marker: str | None
    request_id: str | None
    job: str | None = None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; a variable that is set but empty counts as missing.

    Raises:
        ConfigurationError: naming every variable that is missing or wrong.
    """
    required = ("PATH_TO_DATABASE", "NAME_DB")
    missing = [name for name in required if not environ.get(name)]
    if missing:
        raise ConfigurationError(f"set {' and '.join(missing)} in the environment")
    folder = Path(environ["PATH_TO_DATABASE"])
    return Settings(
        database=folder / environ["NAME_DB"],
        cache=_path(environ, "DEDUPER_CACHE") or folder / CACHE_FILE,
        name=environ.get("NAME_APP") or DEFAULT_NAME,
        logs=_path(environ, "PATH_TO_LOGS"),
        csv=_path(environ, "PATH_TO_CSV"),
        model=_path(environ, "DEDUPER_MODEL_PATH"),
        wait_seconds=_seconds(environ, "DEDUPER_WAIT_SECONDS"),
        attempt_marker=environ.get("WORKER_ATTEMPT_MARKER"),
        request_id=environ.get("WORKER_REQUEST_ID"),
        job=environ.get("WORKER_JOB_ID"),
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name)
    return Path(value) if value else None


def _seconds(environ: Mapping[str, str], name: str) -> float:
    value = environ.get(name) or str(DEFAULT_WAIT_SECONDS)
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ConfigurationError(f"{name} is {value!r}: set it to a number of seconds, 0 or more")
    return seconds
