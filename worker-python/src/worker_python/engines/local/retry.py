"""Which lost attempts are repeated."""

from __future__ import annotations

from dataclasses import dataclass

from worker_python.jobs.job import Job


@dataclass(frozen=True, slots=True)
class Retry:
    """Whether jobs that a crash or a shutdown took down run again.

    Up to a limit: a job that takes the service down with it would do so for ever.
    """

    lost_jobs: bool = False
    attempts_at_most: int = 3

    def allows(self, job: Job) -> bool:
        """Whether the job may have another attempt after the present one."""
        return self.lost_jobs and job.token < self.attempts_at_most
