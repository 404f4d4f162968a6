"""A cancel is answered when the job is cancelled; whoever comes first decides, and one wins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pytest_mock import MockerFixture

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.testing import Bench, until
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending
from worker_python.jobs.errors import (
    JobNotCancellableError,
    JobNotFoundError,
    StoreUnavailableError,
)
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus

OpenBench = Callable[..., Awaitable[Bench]]


async def test_a_running_job_is_cancelled_with_its_process(bench: Bench) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()

    cancelled = await bench.engine.cancel(job.id)

    assert cancelled == await bench.store.get(job.id)
    assert (cancelled.status, cancelled.exit_code) == (JobStatus.CANCELLED, -15)
    assert not attempt.alive


async def test_a_pending_job_that_is_cancelled_never_starts(bench: Bench) -> None:
    first, second, third = [await bench.submit() for _ in range(3)]
    (attempt,) = await bench.running()

    cancelled = await bench.engine.cancel(second.id)
    attempt.finish()
    await bench.ended(first)
    (following,) = await bench.running()

    assert (cancelled.status, cancelled.started_at) == (JobStatus.CANCELLED, None)
    assert following.command.argv == ("deduper", str(third.id))
    assert bench.told(second) == [EventKind.ENQUEUED, EventKind.CANCELLED]


@pytest.mark.parametrize("waiting", [False, True])
async def test_ten_cancels_at_once_have_one_winner_and_nine_clear_answers(
    bench: Bench,
    waiting: bool,  # noqa: FBT001  # a table's column
) -> None:
    job = await bench.submit()
    await bench.running()
    if waiting:
        job = await bench.submit()

    results = await asyncio.gather(
        *(bench.engine.cancel(job.id) for _ in range(10)), return_exceptions=True
    )

    assert [type(result) for result in results].count(Job) == 1
    losers = [result for result in results if isinstance(result, JobNotCancellableError)]
    assert [loser.status for loser in losers] == [JobStatus.CANCELLED] * 9


async def test_a_cancel_is_not_answered_before_the_last_process_has_gone(bench: Bench) -> None:
    bench.executor.deaf = True
    job = await bench.submit()
    (attempt,) = await bench.running()
    cancelling = asyncio.create_task(bench.engine.cancel(job.id))
    await until(lambda: attempt.ending is not None)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not cancelling.done()
    assert await bench.status(job) is JobStatus.RUNNING

    attempt.kill()

    assert (await cancelling).status is JobStatus.CANCELLED


async def test_an_exit_before_the_cancel_wins(bench: Bench) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish(0)

    with pytest.raises(JobNotCancellableError) as caught:
        await bench.engine.cancel(job.id)

    assert caught.value.status is JobStatus.COMPLETED
    assert await bench.status(job) is JobStatus.COMPLETED


async def test_a_cancel_before_the_exit_wins(bench: Bench) -> None:
    bench.executor.deaf = True
    job = await bench.submit()
    (attempt,) = await bench.running()
    cancelling = asyncio.create_task(bench.engine.cancel(job.id))
    await until(lambda: attempt.ending is not None)
    attempt.finish(0)

    cancelled = await cancelling

    assert (cancelled.status, cancelled.exit_code) == (JobStatus.CANCELLED, 0)


async def test_a_timeout_before_the_cancel_wins(bench: Bench) -> None:
    bench.executor.deaf = True
    job = await bench.submit()
    (attempt,) = await bench.running()
    bench.clock.advance(61)
    bench.executor.run_out_of_time()
    cancelling = asyncio.create_task(bench.engine.cancel(job.id))
    await asyncio.sleep(0)
    attempt.kill()

    with pytest.raises(JobNotCancellableError) as caught:
        await cancelling

    assert caught.value.status is JobStatus.FAILED


async def test_a_cancel_between_claim_and_process_is_kept(open_bench: OpenBench) -> None:
    cancelling: list[asyncio.Task[Job]] = []

    def cancel_at_once(point: CrashPoint) -> None:
        if point is CrashPoint.AFTER_CLAIM:
            cancelling.append(asyncio.create_task(bench.engine.cancel(1)))

    bench = await open_bench(reached=cancel_at_once)
    await bench.submit()
    await until(lambda: bool(cancelling))

    assert (await cancelling[0]).status is JobStatus.CANCELLED
    assert bench.executor.alive == []
    assert bench.engine.active == 0


async def test_a_job_cancelled_before_its_process_was_started_never_has_one(
    open_bench: OpenBench,
) -> None:
    def cancel_at_once(point: CrashPoint) -> None:
        if point is CrashPoint.AFTER_CLAIM:
            slot = bench.engine._slots.of(1)  # type: ignore[attr-defined]  # no call from outside is fast enough
            slot.ask(Ending.CANCELLED)

    bench = await open_bench(reached=cancel_at_once)
    ended = await bench.ended(await bench.submit())

    assert (ended.status, ended.started_at) == (JobStatus.CANCELLED, None)
    assert bench.executor.started == []


async def test_a_job_put_back_in_line_under_a_cancel_is_cancelled_there(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(retry=True)
    bench.executor.deaf = True
    job = await bench.submit()
    (attempt,) = await bench.running()
    stopping = asyncio.create_task(bench.engine.stop())
    await until(lambda: attempt.ending is Ending.SHUT_DOWN)
    cancelling = asyncio.create_task(bench.engine.cancel(job.id))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    attempt.kill()

    assert (await cancelling).status is JobStatus.CANCELLED
    await stopping
    assert await bench.status(job) is JobStatus.CANCELLED


async def test_an_ended_job_cannot_be_cancelled(bench: Bench) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish(1)
    await bench.ended(job)

    with pytest.raises(JobNotCancellableError, match="failed"):
        await bench.engine.cancel(job.id)


async def test_a_running_job_that_nobody_runs_is_not_said_to_be_cancelled(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(patience=0.1)
    await bench.engine.stop()
    job = await bench.submit()
    await bench.store.replace(job, lifecycle.claim(job, marker="word", now=bench.clock()))

    with pytest.raises((JobNotCancellableError, StoreUnavailableError)):
        await bench.engine.cancel(job.id)
    assert await bench.status(job) is JobStatus.RUNNING


@pytest.mark.parametrize("job_id", [0, 1, 10**26])
async def test_an_unknown_job_is_said_to_be_unknown(bench: Bench, job_id: int) -> None:
    with pytest.raises(JobNotFoundError):
        await bench.engine.cancel(job_id)


async def test_a_caller_that_goes_away_does_not_take_its_cancel_back(bench: Bench) -> None:
    job = await bench.submit()
    await bench.running()
    cancelling = asyncio.create_task(bench.engine.cancel(job.id))
    await asyncio.sleep(0)
    cancelling.cancel()

    assert (await bench.ended(job)).status is JobStatus.CANCELLED


async def test_a_cancel_that_cannot_be_written_is_refused_and_written_later(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(patience=0.1)
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    bench.store.failing = True

    with pytest.raises(StoreUnavailableError, match=f"job {job.id}"):
        await bench.engine.cancel(job.id)
    await until(lambda: not attempt.alive)
    bench.store.failing = False

    assert (await bench.ended(job)).status is JobStatus.CANCELLED
    assert EventKind.UNSAVED in bench.told(job)


async def test_a_cancel_of_a_pending_job_that_cannot_be_written_changes_nothing(
    bench: Bench,
) -> None:
    await bench.submit()
    await bench.running()
    waiting = await bench.submit()
    bench.store.failing = True

    with pytest.raises(StoreUnavailableError):
        await bench.engine.cancel(waiting.id)
    assert await bench.status(waiting) is JobStatus.PENDING


async def test_a_job_that_goes_back_in_line_starts_only_when_it_has_left_its_slot(
    open_bench: OpenBench, mocker: MockerFixture
) -> None:
    """A second attempt beside the slot of the first would be forgotten when that is vacated."""
    bench = await open_bench(most=2, retry=True)
    job = await bench.submit()
    (attempt,) = await bench.running()
    kept, go_on = asyncio.Event(), asyncio.Event()
    replace = bench.store.replace

    async def slow_to_answer(before: Job, after: Job) -> None:
        await replace(before, after)
        if after.status is JobStatus.PENDING:
            kept.set()
            await go_on.wait()

    mocker.patch.object(bench.store, "replace", slow_to_answer)
    attempt.stop(Ending.LOST)
    await kept.wait()
    bystander = await bench.submit()
    for _ in range(50):
        await asyncio.sleep(0.001)
    go_on.set()
    await bench.running(2)

    assert (await bench.engine.cancel(job.id)).status is JobStatus.CANCELLED
    assert (await bench.engine.cancel(bystander.id)).status is JobStatus.CANCELLED
    assert bench.executor.alive == []
