"""The old worker's answers, as it writes them (docs/legacy-worker.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.job import Job, JobSummary
from worker_python.jobs.status import JobStatus


class LegacyAnswer(BaseModel):
    """An answer; keys that we do not read are passed over."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class LegacyListItem(LegacyAnswer):
    """A job in its list."""

    job_id: int
    status: JobStatus
    created_at: AwareDatetime

    def as_summary(self) -> JobSummary:
        """Return it as our list has it."""
        created_at = self.created_at.astimezone(UTC).isoformat(timespec="microseconds")
        return JobSummary(self.job_id, self.status, created_at)


class LegacyList(LegacyAnswer):
    """Its list."""

    jobs: Sequence[LegacyListItem]


class LegacyJob(LegacyListItem):
    """A job's detail; a key without a value is absent."""

    report_id: int | None = None
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    error: str | None = None

    def as_job(self) -> Job:
        """Return it as a job of ours, under the same id; it had no attempts that we count."""
        return Job(
            id=self.job_id,
            status=self.status,
            created_at=self.created_at.astimezone(UTC),
            report_id=self.report_id,
            started_at=_in_utc(self.started_at),
            completed_at=_in_utc(self.completed_at),
            exit_code=self.exit_code,
            stdout=self.stdout,
            stderr=self.stderr,
            error=self.error,
        )


class LegacyHealth(LegacyAnswer):
    """Its health."""

    status: Literal["healthy", "unhealthy"]
    jobs: Mapping[str, int]

    def count(self, status: JobStatus) -> int:
        """Return how many of its jobs have a status."""
        return self.jobs.get(status.value, 0)


class LegacyClear(LegacyAnswer):
    """What a clear came to: `error` is None where the table is empty."""

    cancelled_jobs: Sequence[int] = ()
    error: str | None = None
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""

    @model_validator(mode="after")
    def _cleared_or_says_why(self) -> Self:
        if self.error is None and self.exit_code != 0:
            raise ValueError("neither an error nor the exit code 0")
        return self

    def outcome(self) -> Outcome | None:
        """Return how its command ended, None where it did not end by itself."""
        if self.exit_code is None:
            return None
        return Outcome(Ending.EXITED, self.exit_code, self.stdout, self.stderr)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
