"""What can be asked of the deduper's jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from worker_python.deduper.clear import Clearing, ClearReport
from worker_python.jobs.job import Job, JobSummary, NewJob
from worker_python.jobs.ports import Clock, Engine, JobStore


@dataclass(frozen=True, slots=True)
class JobListing:
    """All jobs in creation order, in batches; `partial` where another worker's are missing."""

    batches: AsyncIterator[Sequence[JobSummary]]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class DeduperService:
    """Jobs of the deduper: made, read, listed, cancelled, cleared."""

    engine: Engine
    store: JobStore
    clearing: Clearing
    clock: Clock

    async def submit(self, report_id: int | None, request_id: str) -> Job:
        """Keep a new job durably; it runs when its turn comes.

        Raises:
            StoreUnavailableError: it could not be kept; nothing was started.
        """
        return await self.engine.submit(NewJob(self.clock(), report_id, request_id))

    async def detail(self, job_id: int) -> Job:
        """Return one job; raises `JobNotFoundError`."""
        return await self.store.get(job_id)

    async def listing(self) -> JobListing:
        """Return all jobs."""
        return JobListing(self.store.summaries())

    async def cancel(self, job_id: int) -> Job:
        """Return the job once it is cancelled.

        Raises:
            JobNotFoundError: no such job.
            JobNotCancellableError: it had ended.
        """
        return await self.engine.cancel(job_id)

    async def clear(self, request_id: str) -> ClearReport:
        """Cancel all jobs and empty the deduper's table.

        Raises:
            ConfigurationError: a path is not set; nothing was cancelled.
        """
        return await self.clearing.run(request_id)
