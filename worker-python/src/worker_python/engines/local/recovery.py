"""What a crash left: every job that is `running` although nobody runs it."""

from __future__ import annotations

import asyncio

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.local.context import Context
from worker_python.engines.local.retry import Retry
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus


async def recover(context: Context, retry: Retry) -> None:
    """Take down what is left of each lost attempt, then settle its job or put it back in line.

    Raises:
        StoreUnavailableError: the store cannot be read or written; nothing may start then.
    """
    lost = await context.store.with_status(JobStatus.RUNNING)
    recovering = (_recover(job, context, retry) for job in lost)
    for result in await asyncio.gather(*recovering, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def _recover(job: Job, context: Context, retry: Retry) -> None:
    alive = await context.executor.recover(job.process, marker=job.marker or "")
    context.reached(CrashPoint.DURING_RECOVERY)
    after = _after(job, context, retry)
    await context.store.replace(job, after)
    found = "its process was still alive and has been stopped" if alive else "its process was gone"
    told = job if after.status is JobStatus.PENDING else after
    context.tell(EventKind.RECOVERED, told, error=found)


def _after(job: Job, context: Context, retry: Retry) -> Job:
    if retry.allows(job):
        return lifecycle.requeue(job)
    return lifecycle.settle(job, Outcome(Ending.LOST), now=context.clock())
