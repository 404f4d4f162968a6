"""A quiet period: all is cancelled side by side, nothing starts, what arrives runs afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pytest_mock import MockerFixture

from worker_python.engines.testing import Bench, until
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import QuietPeriodError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus

OpenBench = Callable[..., Awaitable[Bench]]

CLEAR = Command(("deduper", "clear_table", "-y"))


async def test_everything_open_is_cancelled_and_named(open_bench: OpenBench) -> None:
    bench = await open_bench(most=2)
    ended = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish()
    await bench.ended(ended)
    jobs = [await bench.submit() for _ in range(5)]
    await bench.running(2)

    async with bench.engine.quiet() as quiet:
        assert bench.executor.alive == []
        assert list(quiet.cancelled) == [job.id for job in jobs]

    assert [await bench.status(job) for job in jobs] == [JobStatus.CANCELLED] * 5
    assert await bench.status(ended) is JobStatus.COMPLETED


async def test_running_jobs_are_stopped_side_by_side(open_bench: OpenBench) -> None:
    bench = await open_bench(most=3)
    bench.executor.deaf = True
    for _ in range(3):
        await bench.submit()
    attempts = await bench.running(3)
    clearing = asyncio.create_task(clear(bench))

    await until(lambda: all(attempt.ending is Ending.CANCELLED for attempt in attempts))
    assert all(attempt.alive for attempt in attempts)
    bench.executor.deaf = False
    for attempt in attempts:
        attempt.kill()
    (maintenance,) = await bench.running()
    maintenance.finish()
    await clearing


async def test_jobs_that_arrive_meanwhile_wait_and_run_afterwards(bench: Bench) -> None:
    async with bench.engine.quiet() as quiet:
        jobs = [await bench.submit() for _ in range(3)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert list(quiet.cancelled) == []
        assert bench.executor.started == []
        assert {await bench.status(job) for job in jobs} == {JobStatus.PENDING}

    for job in jobs:
        (attempt,) = await bench.running()
        attempt.finish()
        assert (await bench.ended(job)).status is JobStatus.COMPLETED


async def test_a_job_that_ends_by_itself_is_not_among_the_cancelled(bench: Bench) -> None:
    bench.executor.deaf = True
    job = await bench.submit()
    (attempt,) = await bench.running()
    attempt.stop(Ending.TIMED_OUT)
    entering = asyncio.create_task(cancelled_by_quiet(bench))
    await asyncio.sleep(0)
    attempt.kill()

    assert await entering == []
    assert await bench.status(job) is JobStatus.FAILED


async def test_a_maintenance_command_runs_as_an_attempt_does(bench: Bench) -> None:
    clearing = asyncio.create_task(clear(bench))
    (attempt,) = await bench.running()
    assert attempt.command is CLEAR
    attempt.finish(3, stdout="cleared", stderr="locked")

    assert await clearing == Outcome(Ending.EXITED, 3, "cleared", "locked", seconds=1.0)


async def test_a_maintenance_command_that_cannot_be_started_says_why(bench: Bench) -> None:
    bench.executor.refusal = "no interpreter"

    assert await clear(bench) == Outcome(Ending.NOT_STARTED, error="no interpreter")


async def test_whoever_gives_up_waiting_stops_the_command(bench: Bench) -> None:
    clearing = asyncio.create_task(clear(bench))
    (attempt,) = await bench.running()
    clearing.cancel()
    await asyncio.wait([clearing])

    assert (clearing.cancelled(), attempt.alive) == (True, False)
    await bench.submit()
    await bench.running()


async def test_two_quiet_periods_come_one_after_the_other(bench: Bench) -> None:
    first = asyncio.create_task(clear(bench))
    second = asyncio.create_task(clear(bench))
    for _ in range(2):
        (attempt,) = await bench.running()
        attempt.finish()
        await until(lambda attempt=attempt: attempt not in bench.executor.alive)  # type: ignore[misc]  # bound now

    assert [outcome.exit_code for outcome in await asyncio.gather(first, second)] == [0, 0]


async def test_starts_go_on_after_a_quiet_period_that_failed(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):
        async with bench.engine.quiet():
            raise ZeroDivisionError

    await bench.submit()
    await bench.running()


async def test_a_store_that_fails_on_the_way_ends_the_period_and_names_what_was_done(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(patience=2)
    bench.executor.deaf = True
    running = await bench.submit()
    (attempt,) = await bench.running()
    waiting = await bench.submit()
    entering = asyncio.create_task(cancelled_by_quiet(bench))
    await until(lambda: attempt.ending is not None)
    await bench.ended(waiting)
    bench.store.failing = True
    attempt.kill()

    with pytest.raises(QuietPeriodError, match=f"job {running.id}") as caught:
        await entering
    bench.store.failing = bench.executor.deaf = False

    assert list(caught.value.cancelled) == [waiting.id]
    assert (await bench.ended(running)).status is JobStatus.CANCELLED
    await bench.submit()
    await bench.running()


async def test_a_shutdown_stops_the_maintenance_command(bench: Bench) -> None:
    clearing = asyncio.create_task(clear(bench))
    await bench.running()

    await bench.engine.stop()

    assert (await clearing).ending is Ending.SHUT_DOWN
    assert bench.executor.alive == []


async def test_a_maintenance_command_that_has_not_begun_does_not_begin_in_a_shutdown(
    bench: Bench,
) -> None:
    go_on, entered = asyncio.Event(), asyncio.Event()

    async def clear_late() -> Outcome:
        async with bench.engine.quiet() as quiet:
            entered.set()
            await go_on.wait()
            return await quiet.run(CLEAR)

    clearing = asyncio.create_task(clear_late())
    await entered.wait()
    stopping = asyncio.create_task(bench.engine.stop())
    await asyncio.sleep(0)
    go_on.set()

    assert await clearing == Outcome(Ending.SHUT_DOWN)
    await stopping
    assert bench.executor.started == []


async def test_a_maintenance_command_that_is_just_starting_is_stopped_too(bench: Bench) -> None:
    stopping: list[asyncio.Task[None]] = []

    async def shut_down() -> None:
        stopping.append(asyncio.create_task(bench.engine.stop()))
        await asyncio.sleep(0.01)

    bench.executor.before_start = shut_down

    assert (await clear(bench)).ending is Ending.SHUT_DOWN
    await stopping[0]


async def test_a_shutdown_that_comes_while_jobs_are_cancelled_is_heard_by_the_period(
    bench: Bench,
) -> None:
    bench.executor.deaf = True
    await bench.submit()
    (attempt,) = await bench.running()
    clearing = asyncio.create_task(clear(bench))
    await until(lambda: attempt.ending is not None)
    stopping = asyncio.create_task(bench.engine.stop())
    await asyncio.sleep(0)
    attempt.kill()

    assert await clearing == Outcome(Ending.SHUT_DOWN)
    await stopping
    assert bench.executor.started == [attempt]


async def test_a_job_that_goes_back_in_line_between_two_looks_is_cancelled_too(
    open_bench: OpenBench, mocker: MockerFixture
) -> None:
    bench = await open_bench(retry=True)
    job = await bench.submit()
    (attempt,) = await bench.running()
    with_status = bench.store.with_status

    async def one_after_the_other(*statuses: JobStatus) -> list[Job]:
        found = {}
        for status in statuses:
            found.update({job.id: job for job in await with_status(status)})
            attempt.stop(Ending.LOST)
            await until(lambda: bench.engine.active == 0)
        return list(found.values())

    mocker.patch.object(bench.store, "with_status", one_after_the_other, create=True)
    async with bench.engine.quiet() as quiet:
        assert list(quiet.cancelled) == [job.id]


async def clear(bench: Bench) -> Outcome:
    async with bench.engine.quiet() as quiet:
        return await quiet.run(CLEAR)


async def cancelled_by_quiet(bench: Bench) -> list[int]:
    async with bench.engine.quiet() as quiet:
        return list(quiet.cancelled)


async def test_creates_that_race_with_a_clear_are_either_cancelled_or_run(bench: Bench) -> None:
    submitting = [asyncio.create_task(bench.submit()) for _ in range(50)]
    async with bench.engine.quiet() as quiet:
        jobs: list[Job] = await asyncio.gather(*submitting)
        statuses = {job.id: await bench.status(job) for job in jobs}

    cancelled = {job_id for job_id, status in statuses.items() if status is JobStatus.CANCELLED}
    assert cancelled == set(quiet.cancelled)
    assert set(statuses.values()) <= {JobStatus.CANCELLED, JobStatus.PENDING}
