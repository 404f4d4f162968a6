"""What every job store promises, whatever it keeps its jobs in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import JobNotFoundError, StaleWriteError, StoreUnavailableError
from worker_python.jobs.job import Job, NewJob, ProcessIdentity
from worker_python.jobs.ports import JobStore
from worker_python.jobs.status import JobStatus

OpenStore = Callable[..., Awaitable[JobStore]]
NewJobs = Callable[..., NewJob]

NOW = datetime(2024, 5, 17, 13, tzinfo=UTC)


def claimed(job: Job) -> Job:
    return lifecycle.claim(job, marker="word", now=NOW)


def ended(job: Job, *, stdout: str | None = "out", when: datetime = NOW) -> Job:
    outcome = Outcome(Ending.EXITED, 0, stdout, "err")
    return lifecycle.settle(claimed(job), outcome, now=when)


async def end(store: JobStore, job: Job, *, when: datetime = NOW) -> Job:
    await store.replace(job, claimed(job))
    after = ended(job, when=when)
    await store.replace(claimed(job), after)
    return after


async def ids(store: JobStore) -> list[int]:
    return [summary.id async for batch in store.summaries() for summary in batch]


async def test_a_new_job_is_pending_and_kept_as_it_was_given(
    store: JobStore, new_job: NewJobs
) -> None:
    new = new_job(84, "request-1")

    job = await store.add(new)

    assert job == Job(1, JobStatus.PENDING, new.created_at, report_id=84, request_id="request-1")
    assert await store.get(1) == job


@pytest.mark.parametrize("report_id", [None, 0, 7, 2**63, 10**26 - 1, 10**4000])
async def test_a_report_id_of_any_size_comes_back(
    store: JobStore, new_job: NewJobs, report_id: int | None
) -> None:
    job = await store.add(new_job(report_id))

    assert (await store.get(job.id)).report_id == report_id


async def test_of_several_that_ask_for_a_report_one_adds_its_job(
    store: JobStore, new_job: NewJobs
) -> None:
    await store.add(new_job(85))
    reports = [84, 85, 86] * 20

    found = await asyncio.gather(*(store.join(new_job(report)) for report in reports))

    assert await ids(store) == [1, 2, 3]
    assert sum(fresh for _, fresh in found) == 2
    assert [job.report_id for job, _ in found] == reports
    assert all([await store.get(job.id) == job for job, _ in found])


async def test_a_job_that_has_started_is_not_joined(store: JobStore, new_job: NewJobs) -> None:
    job, _ = await store.join(new_job(84))
    await store.replace(job, claimed(job))

    another, fresh = await store.join(new_job(84))

    assert (another.id, fresh) == (job.id + 1, True)


async def test_ids_count_up_and_go_on_after_a_restart(
    open_store: OpenStore, new_job: NewJobs
) -> None:
    first = await open_store()
    assert [(await first.add(new_job())).id for _ in range(3)] == [1, 2, 3]
    await first.close()

    second = await open_store()

    assert (await second.add(new_job())).id == 4
    assert await ids(second) == [1, 2, 3, 4]


async def test_ids_start_where_they_are_told_to(open_store: OpenStore, new_job: NewJobs) -> None:
    store = await open_store(first_id=5000)

    assert (await store.add(new_job())).id == 5000


async def test_ids_jump_up_to_the_first_id_and_never_back(
    open_store: OpenStore, new_job: NewJobs
) -> None:
    given = []
    for first_id in (1, 700, 20):
        store = await open_store(first_id=first_id)
        given.append((await store.add(new_job())).id)
        await store.close()

    assert given == [1, 700, 701]


async def test_the_id_of_a_pruned_job_is_not_given_again(
    open_store: OpenStore, new_job: NewJobs
) -> None:
    store = await open_store()
    await end(store, await store.add(new_job()))
    assert await store.prune(keep=0, ended_before=None) == 1
    await store.close()

    assert (await (await open_store()).add(new_job())).id == 2


@pytest.mark.parametrize("job_id", [0, 2, 2**63 - 1, 2**63, 10**26])
async def test_an_unknown_id_is_said_to_be_unknown(
    store: JobStore, new_job: NewJobs, job_id: int
) -> None:
    await store.add(new_job())

    with pytest.raises(JobNotFoundError, match=str(job_id)):
        await store.get(job_id)


async def test_concurrent_adds_get_ids_without_a_gap(store: JobStore, new_job: NewJobs) -> None:
    jobs = await asyncio.gather(*(store.add(new_job(number)) for number in range(300)))

    assert sorted(job.id for job in jobs) == list(range(1, 301))
    for job in jobs:
        assert await store.get(job.id) == job


async def test_every_field_survives(store: JobStore, new_job: NewJobs) -> None:
    job = await store.add(new_job(10**30, "request-1"))
    running = replace(claimed(job), process=ProcessIdentity(42, 2**40, "boot"))
    await store.replace(job, running)
    assert await store.get(job.id) == running

    after = lifecycle.settle(
        running,
        Outcome(Ending.TIMED_OUT, -15, "straße\n\x00", "\N{SNOWMAN}", error="took too long"),
        now=NOW + timedelta(microseconds=1),
    )
    await store.replace(running, after)

    assert await store.get(job.id) == after


@pytest.mark.parametrize(("stdout", "stderr"), [("", ""), ("", None), (None, "x")])
async def test_an_empty_output_is_not_a_missing_one(
    store: JobStore, new_job: NewJobs, stdout: str | None, stderr: str | None
) -> None:
    job = await store.add(new_job())
    await store.replace(job, claimed(job))
    after = replace(ended(job), stdout=stdout, stderr=stderr)

    await store.replace(claimed(job), after)

    assert await store.get(job.id) == after


async def test_text_that_is_no_unicode_is_kept_as_well_as_can_be(
    store: JobStore, new_job: NewJobs
) -> None:
    job = await store.add(new_job())
    await store.replace(job, lifecycle.reject(job, "no file /tmp/\udcff", now=NOW))

    assert (await store.get(job.id)).error == "no file /tmp/?"


async def test_a_write_from_another_status_is_refused(store: JobStore, new_job: NewJobs) -> None:
    job = await store.add(new_job())
    cancelled = lifecycle.cancel(job, now=NOW)
    await store.replace(job, cancelled)

    with pytest.raises(StaleWriteError):
        await store.replace(job, claimed(job))
    assert await store.get(job.id) == cancelled


async def test_a_write_with_the_token_of_an_earlier_attempt_is_refused(
    store: JobStore, new_job: NewJobs
) -> None:
    job = await store.add(new_job())
    first = claimed(job)
    waiting = lifecycle.requeue(first)
    second = claimed(waiting)
    for before, after in [(job, first), (first, waiting), (waiting, second)]:
        await store.replace(before, after)

    with pytest.raises(StaleWriteError, match="attempt 1"):
        await store.replace(first, ended(job))
    assert await store.get(job.id) == second


async def test_a_write_to_an_unknown_job_is_refused(store: JobStore, new_job: NewJobs) -> None:
    job = replace(await store.add(new_job()), id=99)

    with pytest.raises(StaleWriteError):
        await store.replace(job, claimed(job))


async def test_of_many_writers_one_wins(store: JobStore, new_job: NewJobs) -> None:
    job = await store.add(new_job())
    moves = [claimed(job), *(lifecycle.cancel(job, now=NOW) for _ in range(20))]

    results = await asyncio.gather(
        *(store.replace(job, after) for after in moves), return_exceptions=True
    )

    assert results.count(None) == 1
    assert all(isinstance(result, StaleWriteError | None) for result in results)
    assert await store.get(job.id) == moves[results.index(None)]


async def test_the_oldest_pending_job_is_next(store: JobStore, new_job: NewJobs) -> None:
    assert await store.next_pending() is None
    assert await store.oldest_pending() is None
    first, second = [await store.add(new_job()) for _ in range(2)]
    assert await store.next_pending() == first

    await store.replace(first, lifecycle.cancel(first, now=NOW))

    assert await store.next_pending() == second
    assert await store.oldest_pending() == second.created_at


async def test_jobs_are_found_by_status_oldest_first(store: JobStore, new_job: NewJobs) -> None:
    jobs = [await store.add(new_job()) for _ in range(4)]
    await store.replace(jobs[0], claimed(jobs[0]))
    await end(store, jobs[2])

    found = await store.with_status(JobStatus.PENDING, JobStatus.RUNNING, JobStatus.PENDING)

    assert [job.id for job in found] == [1, 2, 4]
    assert await store.with_status(JobStatus.FAILED) == []


async def test_counts_name_every_status(store: JobStore, new_job: NewJobs) -> None:
    jobs = [await store.add(new_job()) for _ in range(3)]
    await end(store, jobs[1])

    assert await store.counts() == {
        JobStatus.PENDING: 2,
        JobStatus.RUNNING: 0,
        JobStatus.COMPLETED: 1,
        JobStatus.FAILED: 0,
        JobStatus.CANCELLED: 0,
    }


async def test_a_long_list_comes_in_order_and_in_bounded_batches(
    store: JobStore, new_job: NewJobs
) -> None:
    jobs = await asyncio.gather(*(store.add(new_job()) for _ in range(2500)))

    batches = [batch async for batch in store.summaries()]

    assert max(map(len, batches)) <= 1000
    listed = [summary for batch in batches for summary in batch]
    assert [summary.id for summary in listed] == list(range(1, 2501))
    kept = {(job.id, job.created_at.isoformat(timespec="microseconds")) for job in jobs}
    assert {(one.id, one.created_at) for one in listed} == kept


async def test_a_list_under_way_disturbs_no_writer(store: JobStore, new_job: NewJobs) -> None:
    for _ in range(3):
        await store.add(new_job())
    listed = []
    async for batch in store.summaries():
        listed += [summary.id for summary in batch]
        if len(listed) == 3:
            await store.add(new_job())

    assert listed in ([1, 2, 3], [1, 2, 3, 4])
    assert await ids(store) == [1, 2, 3, 4]


async def test_pruning_keeps_the_newest_and_whatever_has_not_ended(
    store: JobStore, new_job: NewJobs
) -> None:
    jobs = [await store.add(new_job()) for _ in range(8)]
    await store.replace(jobs[1], claimed(jobs[1]))
    for number in (0, 2, 3, 4, 6):
        await end(store, jobs[number])

    assert await store.prune(keep=2, ended_before=None) == 3
    assert await ids(store) == [2, 5, 6, 7, 8]
    assert (await store.get(7)).stdout == "out"
    with pytest.raises(JobNotFoundError):
        await store.get(1)


async def test_pruning_by_age_goes_by_the_end_of_a_job(store: JobStore, new_job: NewJobs) -> None:
    jobs = [await store.add(new_job()) for _ in range(4)]
    for number, job in enumerate(jobs[:3]):
        await end(store, job, when=NOW + timedelta(days=number))

    assert await store.prune(keep=None, ended_before=NOW + timedelta(days=1)) == 1
    assert await ids(store) == [2, 3, 4]


async def test_pruning_many_leaves_none_behind(store: JobStore, new_job: NewJobs) -> None:
    jobs = await asyncio.gather(*(store.add(new_job()) for _ in range(1300)))
    await asyncio.gather(*(end(store, job) for job in jobs))

    assert await store.prune(keep=10, ended_before=NOW) == 1290
    assert await ids(store) == list(range(1291, 1301))


async def test_nothing_is_pruned_unasked(store: JobStore, new_job: NewJobs) -> None:
    await end(store, await store.add(new_job()))

    assert await store.prune(keep=None, ended_before=None) == 0


async def test_a_closed_store_says_so(store: JobStore, new_job: NewJobs) -> None:
    await store.close()

    for call in (store.add(new_job()), store.get(1), store.counts()):
        with pytest.raises(StoreUnavailableError, match="closed"):
            await call


async def test_closing_finishes_what_is_being_written(
    open_store: OpenStore, new_job: NewJobs
) -> None:
    store = await open_store()
    adding = [asyncio.create_task(store.add(new_job())) for _ in range(200)]
    await asyncio.sleep(0)

    await store.close()

    assert len(await asyncio.gather(*adding)) == 200
    assert len(await ids(await open_store())) == 200


async def test_a_write_goes_on_where_its_caller_goes_away(
    open_store: OpenStore, new_job: NewJobs
) -> None:
    store = await open_store()
    adding = asyncio.create_task(store.add(new_job()))
    await asyncio.sleep(0)
    adding.cancel()
    await asyncio.wait([adding])
    await store.close()

    assert await ids(await open_store()) == [1]
