"""The only reader of the environment: the process's variables, and `.env` where it is started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import (
    AnyHttpUrl,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    PrivateAttr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILE = ".env"
SECRET = frozenset({"DATABASE_URL"})
"""Settings whose value is never shown: it may hold a password."""


def inherited_environment() -> Mapping[str, str]:
    """Return what a child process inherits: `.env` under the process's own variables."""
    written = dotenv_values(ENV_FILE)
    return {**{key: value for key, value in written.items() if value is not None}, **os.environ}


def default_job_store() -> Path:
    """Return where jobs are kept unless `JOB_STORE` says otherwise: the XDG state folder."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "worker-python" / "jobs.sqlite3"


class Settings(BaseSettings):
    """Everything an operator can say; an empty variable counts as a missing one.

    The two paths may be missing: the service then starts, says so in its health, and fails the
    jobs it is given, as the Flask worker did.
    """

    model_config = SettingsConfigDict(
        allow_inf_nan=False,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    path_to_python_venv: str | None = Field(
        default=None, description="Virtual environment whose `bin/python` runs the deduper."
    )
    path_to_microservice_deduper: str | None = Field(
        default=None, description="Folder of the deduper; its `src/main.py` is run."
    )
    job_store: Path = Field(
        default_factory=default_job_store,
        description="SQLite file that keeps the jobs; their output is kept in a folder beside it.",
    )
    database_url: str | None = Field(
        default=None,
        pattern=r"^postgres(ql)?://",
        description="PostgreSQL that keeps the jobs instead, for several processes and machines; "
        "`worker-python work` then runs them.",
    )
    stalled_seconds: PositiveFloat = Field(
        default=60,
        description="A worker not heard of for so long is dead: its jobs are settled within twice "
        "that. Only with DATABASE_URL.",
    )
    job_id_start: PositiveInt = Field(
        default=1, description="Id of the first job of a new job store."
    )
    max_concurrent_jobs: PositiveInt = Field(
        default=1, description="How many dedupers may run at once."
    )
    join_waiting_jobs: bool = Field(
        default=False,
        description="Answer a request for a report with its job that waits, instead of another.",
    )
    job_timeout_seconds: PositiveFloat | None = Field(
        default=None,
        description="A job that runs longer is stopped and failed; empty means no limit.",
    )
    clear_timeout_seconds: PositiveFloat = Field(
        default=60, description="The same for `clear_table`."
    )
    cancel_grace_seconds: NonNegativeFloat = Field(
        default=1,
        description="From SIGTERM to SIGKILL; a child that obeys is not waited for any longer.",
    )
    drain_seconds: NonNegativeFloat = Field(
        default=10, description="How long a shutdown lets running jobs end before it stops them."
    )
    retry_lost_jobs: bool = Field(
        default=False, description="Run a job again whose process was lost in a crash, or fail it."
    )
    keep_jobs: NonNegativeInt | None = Field(
        default=None, description="How many ended jobs to keep; empty keeps all."
    )
    keep_days: PositiveFloat | None = Field(
        default=None, description="How many days to keep ended jobs; empty keeps them for ever."
    )
    output_tail_bytes: PositiveInt = Field(
        default=65_536, description="How much of the end of stdout and stderr a job shows."
    )
    output_max_bytes: PositiveInt = Field(
        default=16 * 1024 * 1024,
        description="How much of each is kept in the file beside the job store.",
    )
    legacy_worker_url: AnyHttpUrl | None = Field(
        default=None,
        description="The old worker's own address: list, health and clear then speak for both.",
    )
    legacy_timeout_seconds: PositiveFloat = Field(
        default=1, description="How long it is waited for; a clear has 70 s."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="JSON lines, a terminal's form, or whichever fits standard output.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    host: str = Field(default="127.0.0.1", description="Address `worker-python serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Its port; 0 takes a free one.")
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65_535,
        description="Port on HOST at which `worker-python work` shows its metrics; 0 takes a free "
        "one, empty shows none.",
    )

    _environment: Mapping[str, str] = PrivateAttr(default_factory=inherited_environment)

    @property
    def environment(self) -> Mapping[str, str]:
        """What child processes inherit, as it was when the settings were read."""
        return self._environment

    @property
    def output_folder(self) -> Path:
        """Where the whole output of each attempt is kept."""
        return self.job_store.parent / f"{self.job_store.stem}-output"


def problems(error: ValidationError) -> tuple[str, ...]:
    """Return one line per wrong setting: its variable, what it is, what was expected.

    What may hold a password is not repeated.
    """
    return tuple(_sentence(mistake) for mistake in error.errors())


def _sentence(mistake: ErrorDetails) -> str:
    name = str(mistake["loc"][0]).upper()
    shown = "" if name in SECRET else f"={mistake['input']!r}"
    return f"{name}{shown}: {mistake['msg']}"
