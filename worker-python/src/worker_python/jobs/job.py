"""A job: one request to run the deduper once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from worker_python.jobs.status import JobStatus


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """Which process an attempt is, across a crash of the service.

    A pid alone is reused; with the start time (clock ticks since boot, field 22 of
    `/proc/PID/stat`) and the boot id it is not.
    """

    pid: int
    start_time: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A request to run the deduper once, and what became of it.

    Times are aware and in UTC. `token` is the number of the current attempt, 0 before the first
    claim: a write that carries another token is refused. `marker` is a random word put into the
    child's environment before it starts, so that a child whose pid was never saved can be found.
    `report_id` may be larger than 64 bits.
    """

    id: int
    status: JobStatus
    created_at: datetime
    report_id: int | None = None
    request_id: str | None = None
    token: int = 0
    marker: str | None = None
    process: ProcessIdentity | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    error: str | None = None


class JobSummary(NamedTuple):
    """A job as the list shows it, a hundred thousand at a time.

    `created_at` is ISO 8601 in UTC with microseconds, as it is kept and as it is shown: to read
    it and write it again would cost as much as all the rest. Its order as text is that of time.
    """

    id: int
    status: JobStatus
    created_at: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that has no id yet; the store gives it one."""

    created_at: datetime
    report_id: int | None = None
    request_id: str | None = None

    def under(self, job_id: int) -> Job:
        """Return the pending job that it becomes."""
        return Job(job_id, JobStatus.PENDING, self.created_at, self.report_id, self.request_id)
