"""The answers, as pydantic models: camelCase keys, absent keys absent, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from worker_python.deduper.clear import ClearReport
from worker_python.deduper.health import Health
from worker_python.jobs.status import JobStatus

Absent = SkipJsonSchema[None]
"""A value that is None in Python is no key in JSON: the schema knows no null."""


_EXAMPLE = "2026-01-31T09:30:00.000000+00:00"


def iso(moment: datetime) -> str:
    """Return a moment as the contract writes it: microseconds and `+00:00`."""
    return moment.isoformat(timespec="microseconds")


Moment = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]})
]
Partial = Annotated[
    Literal[True],
    Field(description="An old worker beside this one did not answer: its part is missing."),
]
JobId = Annotated[int, Field(description="1, 2, 3 …", examples=[7])]
ReportId = Annotated[int, Field(description="Of any size.", examples=[84])]


def _without_null_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if field.get("default", "") is None:
            del field["default"]


class Answer(BaseModel):
    """A JSON answer."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        frozen=True,
        json_schema_extra=_without_null_defaults,
    )

    def content(self) -> Mapping[str, Any]:
        """Return the answer as JSON has it, without the keys that have no value."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Error(Answer):
    """What went wrong, in a sentence."""

    error: str = Field(examples=["Job not found"])


class Created(Answer):
    """A job was kept; it runs when its turn comes."""

    job_id: JobId
    status: Literal["pending"] = "pending"


class CreatedForReport(Created):
    """A job for one report was kept."""

    report_id: ReportId


class JobDetail(Answer):
    """A job and what became of it."""

    job_id: JobId
    status: JobStatus
    created_at: Moment
    report_id: ReportId | Absent = Field(default=None, description="For jobs of one report.")
    started_at: Moment | Absent = Field(default=None, description="Once it ran.")
    completed_at: Moment | Absent = Field(default=None, description="Once it ended.")
    exit_code: int | Absent = Field(
        default=None, description="Once its process ended; negative for a signal.", examples=[0]
    )
    stdout: str | Absent = Field(default=None, description="The end of the output, once it ended.")
    stderr: str | Absent = Field(default=None, description="The end of the error output.")
    error: str | Absent = Field(
        default=None, description="Why it could not run, or not to its end."
    )


class JobListItem(Answer):
    """A job in the list."""

    job_id: JobId
    status: JobStatus
    created_at: Moment


class JobList(Answer):
    """All jobs, in the order of their creation."""

    jobs: Sequence[JobListItem]
    partial: Partial | Absent = None


class Cancelled(Answer):
    """The job is cancelled: nothing of it runs any more."""

    job_id: JobId
    status: Literal["cancelled"] = "cancelled"
    message: str = "Job cancelled successfully"


class DeduperEnvironment(Answer):
    """Which settings are there."""

    model_config = ConfigDict(alias_generator=None)

    deduper_path_configured: bool
    python_venv_configured: bool
    deduper_path_exists: bool | Absent = Field(
        default=None, description="Where the path is configured."
    )


class JobCounts(Answer):
    """How many jobs there are."""

    total: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int


class WorkerState(Answer):
    """How the service is. The Flask worker had no such key."""

    model_config = ConfigDict(alias_generator=None)

    active_jobs: int = Field(description="Attempts running now.")
    queue_age_seconds: float = Field(description="0 where no job waits.")
    disk_free_bytes: int | Absent = Field(default=None, description="Where the job store is.")
    store_writable: bool


class HealthAnswer(Answer):
    """Whether the deduper can be reached."""

    status: Literal["healthy", "unhealthy"]
    timestamp: Moment
    environment: DeduperEnvironment
    jobs: JobCounts
    worker: WorkerState
    partial: Partial | Absent = None

    @classmethod
    def of(cls, health: Health) -> HealthAnswer:
        """Return the state of the service as callers see it."""
        return cls(
            status="healthy" if health.healthy else "unhealthy",
            timestamp=iso(health.now),
            environment=DeduperEnvironment(
                deduper_path_configured=health.deduper_path_configured,
                python_venv_configured=health.python_venv_configured,
                deduper_path_exists=health.deduper_path_exists,
            ),
            jobs=JobCounts(
                total=sum(health.jobs.values()),
                **{str(status): health.jobs.get(status, 0) for status in JobStatus},
            ),
            worker=WorkerState(
                active_jobs=health.active,
                queue_age_seconds=round(health.queue_age, 3),
                disk_free_bytes=health.disk_free,
                store_writable=health.store_writable,
            ),
            partial=health.partial or None,
        )


class HealthError(Error):
    """Health could not be told."""

    status: Literal["unhealthy"] = "unhealthy"
    timestamp: Moment


class Cleared(Answer):
    """The table is empty."""

    cleared: bool = True
    cancelled_jobs: Sequence[int] = Field(description="Jobs cancelled for it.", examples=[[3, 4]])
    exit_code: int
    stdout: str
    stderr: str
    timestamp: Moment
    partial: Partial | Absent = None


class NotCleared(Answer):
    """The table is as it was; which keys are there tells how far it came."""

    error: str = Field(examples=["Clear table command failed", "Clear table command timed out"])
    cancelled_jobs: Sequence[int] | Absent = Field(
        default=None, description="Absent where a setting is missing: then nothing was cancelled."
    )
    cleared: Literal[False] | Absent = Field(
        default=None, description="Where the command ran and failed."
    )
    exit_code: int | Absent = None
    stdout: str | Absent = None
    stderr: str | Absent = None
    timestamp: Moment | Absent = None
    partial: Partial | Absent = None


def clear_answer(report: ClearReport, now: datetime) -> Cleared | NotCleared:
    """Return what a clear came to as callers see it."""
    outcome = report.outcome
    every: dict[str, Any] = {
        "cancelled_jobs": tuple(report.cancelled),
        "timestamp": iso(now),
        "partial": report.partial or None,
    }
    if outcome is None:
        return NotCleared(error=report.error or "", **every)
    ran = {
        **every,
        "exit_code": outcome.exit_code,
        "stdout": outcome.stdout or "",
        "stderr": outcome.stderr or "",
    }
    if report.error is None:
        return Cleared(**ran)
    return NotCleared(error=report.error, cleared=False, **ran)
