"""The worker's answers as values: camelCase keys in JSON, None where a key is absent.

Keys that a newer worker adds are passed over; a key that is missing or of another type is a
`pydantic.ValidationError`. A test holds these models to the service's OpenAPI document.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

Moment = Annotated[
    AwareDatetime,
    PlainSerializer(lambda moment: moment.isoformat(timespec="microseconds"), when_used="json"),
]


class JobStatus(StrEnum):
    """Where a job is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether no move leaves it."""
        return self not in (JobStatus.PENDING, JobStatus.RUNNING)


class Answer(BaseModel):
    """What the worker said."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, strict=True, validate_by_name=True
    )

    def to_json(self) -> str:
        """Return it as the worker wrote it: its keys, and none for what is absent."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class Created(Answer):
    """A job that was acknowledged; it runs when its turn comes."""

    job_id: int
    status: Literal[JobStatus.PENDING]


class CreatedForReport(Created):
    """A job for one report that was acknowledged."""

    report_id: int


class Job(Answer):
    """A job and what became of it; `stdout` and `stderr` are the ends of its output."""

    job_id: int
    status: JobStatus
    created_at: Moment
    report_id: int | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    error: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it ran, None where it did not, or does still."""
        if self.started_at is None or self.completed_at is None:
            return None
        return (self.completed_at - self.started_at).total_seconds()


class JobSummary(Answer):
    """A job in the list."""

    job_id: int
    status: JobStatus
    created_at: Moment


class JobList(Answer):
    """All jobs, oldest first; `partial` where an old worker beside this one did not answer."""

    jobs: tuple[JobSummary, ...]
    partial: bool | None = None


class Cancelled(Answer):
    """The job is cancelled."""

    job_id: int
    status: Literal[JobStatus.CANCELLED]
    message: str


class Environment(Answer):
    """Which of the deduper's paths the worker knows."""

    model_config = ConfigDict(alias_generator=None)

    deduper_path_configured: bool
    python_venv_configured: bool
    deduper_path_exists: bool | None = None


class JobCounts(Answer):
    """How many jobs there are."""

    total: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int


class WorkerState(Answer):
    """How the service itself is; the Flask worker does not say."""

    model_config = ConfigDict(alias_generator=None)

    active_jobs: int
    queue_age_seconds: float
    store_writable: bool
    disk_free_bytes: int | None = None


class Health(Answer):
    """Whether the worker can reach the deduper."""

    status: Literal["healthy", "unhealthy"]
    timestamp: Moment
    environment: Environment
    jobs: JobCounts
    worker: WorkerState | None = None
    partial: bool | None = None


class Cleared(Answer):
    """The deduper's table is empty; these jobs were cancelled for it."""

    cleared: Literal[True]
    cancelled_jobs: tuple[int, ...]
    exit_code: int
    stdout: str
    stderr: str
    timestamp: Moment
    partial: bool | None = None


class Failure(Answer):
    """What went wrong, in a sentence of the worker's; other keys are kept."""

    model_config = ConfigDict(extra="allow")

    error: str
