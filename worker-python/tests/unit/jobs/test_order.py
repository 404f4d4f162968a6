"""Jobs of two origins in the order of their creation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from worker_python.jobs.job import JobSummary
from worker_python.jobs.order import merged
from worker_python.jobs.status import JobStatus

BEGIN = datetime(2026, 1, 31, tzinfo=UTC)
Seconds = st.lists(st.integers(0, 50), max_size=20).map(sorted)


@given(Seconds, Seconds, st.integers(1, 5))
async def test_all_jobs_of_both_come_once_and_in_order(
    ours: list[int], theirs: list[int], size: int
) -> None:
    own = _jobs(ours, first_id=1_000)
    others = _jobs(theirs, first_id=1)

    found = await _all(merged(_batches(own, size), others))

    assert sorted(job.id for job in found) == sorted(job.id for job in (*own, *others))
    assert all(a.created_at <= b.created_at for a, b in pairwise(found))


async def test_a_job_that_both_have_is_the_others() -> None:
    own, others = _jobs([1, 2, 3], first_id=1), [JobSummary(2, JobStatus.RUNNING, _after(0))]

    found = await _all(merged(_batches(own, 2), others))

    assert sorted(job.id for job in found) == [1, 2, 3]
    assert [job.status for job in found if job.id == 2] == [JobStatus.RUNNING]


def _jobs(seconds: Sequence[int], *, first_id: int) -> list[JobSummary]:
    return [
        JobSummary(first_id + place, JobStatus.COMPLETED, _after(second))
        for place, second in enumerate(seconds)
    ]


def _after(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


async def _batches(jobs: Sequence[JobSummary], size: int) -> AsyncIterator[Sequence[JobSummary]]:
    for start in range(0, len(jobs), size):
        yield jobs[start : start + size]


async def _all(batches: AsyncIterator[Sequence[JobSummary]]) -> list[JobSummary]:
    return [job async for batch in batches for job in batch]
