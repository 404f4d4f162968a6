"""What becomes of a request for a job: a job of its own, or the one that waits already."""

from __future__ import annotations

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.local.context import Context
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job, NewJob


async def take(context: Context, new: NewJob, *, join: bool) -> tuple[Job, bool]:
    """Keep a new job durably; return it, and whether it is new.

    Where `join`, whoever asks for a report whose job has not started yet is given that job.

    Raises:
        StoreUnavailableError: it could not be kept.
    """
    fresh = True
    if join and new.report_id is not None:
        job, fresh = await context.store.join(new)
    else:
        job = await context.store.add(new)
    context.reached(CrashPoint.AFTER_INSERT)
    context.tell(EventKind.ENQUEUED if fresh else EventKind.JOINED, job)
    return job, fresh
