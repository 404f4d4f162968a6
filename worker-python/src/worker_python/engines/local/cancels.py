"""Cancelling: answered when the job is cancelled, and by one winner, whoever else moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from worker_python.engines.local.context import Context
from worker_python.engines.local.slot import Slot
from worker_python.engines.local.slots import Slots
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending
from worker_python.jobs.errors import (
    JobNotCancellableError,
    JobNotFoundError,
    QuietPeriodError,
    StaleWriteError,
    StoreUnavailableError,
)
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus

_ENDED_BY_ITSELF = (JobNotCancellableError, JobNotFoundError)


class Cancels:
    """A running job is stopped in its slot; a pending one is moved in the store."""

    def __init__(self, context: Context, slots: Slots) -> None:
        self._context = context
        self._slots = slots

    async def one(self, job_id: int) -> Job:
        """Return the job once it is cancelled; raises `JobNotCancellableError` to all but one."""
        while True:
            slot = self._slots.of(job_id)
            job = await (self._cancel_waiting(job_id) if slot is None else _stop(slot))
            if job is not None:
                return job

    async def every(self) -> list[int]:
        """Cancel all pending and running jobs side by side; return the ids of those that were.

        Raises:
            QuietPeriodError: the store failed on the way; names the jobs cancelled so far.
        """
        return await cancel_every(self._context, self.one)

    async def _cancel_waiting(self, job_id: int) -> Job | None:
        """Cancel a job that occupies no slot; None where it moved meanwhile: look again."""
        job = await self._context.store.get(job_id)
        if job.status is JobStatus.RUNNING and await self._moved(job_id):
            return None
        if job.status is not JobStatus.PENDING:
            raise JobNotCancellableError(job_id, job.status)
        return await cancel_pending(self._context, job)

    async def _moved(self, job_id: int) -> bool:
        """Whether a job that was `running` without a slot has one by now, or has ended."""
        if self._slots.of(job_id) is not None:
            return True
        return (await self._context.store.get(job_id)).status is not JobStatus.RUNNING


async def cancel_every(context: Context, one: Callable[[int], Awaitable[Job]]) -> list[int]:
    """Have `one` cancel each pending and running job, side by side; return those that were.

    Raises:
        QuietPeriodError: the store failed on the way; names the jobs cancelled so far.
    """
    # In this order: what is put back in line between two looks is found by one of them.
    found = await context.store.with_status(JobStatus.RUNNING, JobStatus.PENDING)
    results = await asyncio.gather(*(one(job.id) for job in found), return_exceptions=True)
    cancelled = sorted(result.id for result in results if isinstance(result, Job))
    for result in results:
        if isinstance(result, StoreUnavailableError):
            raise QuietPeriodError(cancelled, result)
        if isinstance(result, BaseException) and not isinstance(result, _ENDED_BY_ITSELF):
            raise result
    return cancelled


async def cancel_pending(context: Context, job: Job) -> Job | None:
    """Cancel a job that was found pending; None where it moved meanwhile: look again."""
    cancelled = lifecycle.cancel(job, now=context.clock())
    try:
        await context.store.replace(job, cancelled)
    except StaleWriteError:
        return None
    context.tell(EventKind.CANCELLED, cancelled)
    return cancelled


async def _stop(slot: Slot) -> Job | None:
    """Stop a slot's attempt; None where the job is pending again: look for it anew."""
    first = slot.ask(Ending.CANCELLED)
    job = await slot.ended()
    if job.status is JobStatus.PENDING:
        return None
    if first and job.status is JobStatus.CANCELLED:
        return job
    raise JobNotCancellableError(job.id, job.status)
