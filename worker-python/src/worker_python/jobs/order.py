"""Jobs of two origins as one list, in the order of their creation."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence
from heapq import merge
from operator import attrgetter

from worker_python.jobs.job import JobSummary

_CREATION = attrgetter("created_at")


async def merged(
    batches: AsyncIterator[Sequence[JobSummary]], others: Sequence[JobSummary]
) -> AsyncIterator[Sequence[JobSummary]]:
    """Yield both, each in creation order, as one; of two with the same id, that of `others`.

    Args:
        batches: jobs by the thousand, never held together.
        others: jobs that fit into memory.
    """
    waiting = deque(others)
    known = {job.id for job in others}
    async for batch in batches:
        until = batch[-1].created_at
        earlier = []
        while waiting and waiting[0].created_at <= until:
            earlier.append(waiting.popleft())
        own = [job for job in batch if job.id not in known] if known else batch
        yield list(merge(earlier, own, key=_CREATION))
    if waiting:
        yield list(waiting)
