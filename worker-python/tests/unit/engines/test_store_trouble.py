"""While the store fails nothing is lost and nothing starts; afterwards all goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from worker_python.engines.testing import Bench, until
from worker_python.jobs import lifecycle
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.events import EventKind
from worker_python.jobs.status import JobStatus

OpenBench = Callable[..., Awaitable[Bench]]


@pytest.fixture(autouse=True)
async def reports() -> list[object]:
    """What was handed to the loop's exception handler."""
    reports: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reports.append(context.get("exception"))
    )
    return reports


async def test_a_job_that_cannot_be_kept_is_refused_and_not_started(bench: Bench) -> None:
    bench.store.failing = True

    with pytest.raises(StoreUnavailableError):
        await bench.submit()
    assert bench.executor.started == []


async def test_nothing_starts_before_its_claim_is_kept(bench: Bench) -> None:
    first, second = [await bench.submit() for _ in range(2)]
    (attempt,) = await bench.running()
    attempt.finish()
    await bench.ended(first)
    await bench.running()
    await bench.engine.cancel(second.id)
    async with bench.engine.quiet():
        job = await bench.submit()
        bench.store.failing = True
    await until(lambda: bench.store.refused >= 3)

    assert await bench.status(job) is JobStatus.PENDING
    assert len(bench.executor.started) == 2
    bench.store.failing = False
    await bench.running()


async def test_the_queue_goes_on_after_the_store_could_not_be_read(
    bench: Bench, reports: list[object]
) -> None:
    async with bench.engine.quiet():
        await bench.submit()
        bench.store.blind = True
    await until(lambda: len(reports) >= 2)
    assert isinstance(reports[0], StoreUnavailableError)

    bench.store.blind = False
    await bench.running()


async def test_a_result_is_written_as_soon_as_it_can_be(bench: Bench) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    bench.store.failing = True
    attempt.finish(0, stdout="rows")
    await until(lambda: bench.told(job).count(EventKind.UNSAVED) >= 3)
    assert await bench.status(job) is JobStatus.RUNNING

    bench.store.failing = False
    ended = await bench.ended(job)

    assert (ended.status, ended.stdout) == (JobStatus.COMPLETED, "rows")
    await until(lambda: bench.told(job)[-1] is EventKind.COMPLETED)


async def test_a_pid_that_cannot_be_saved_stops_no_job(bench: Bench) -> None:
    async def fill_the_disk() -> None:
        bench.store.failing = True

    bench.executor.before_start = fill_the_disk
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    assert EventKind.UNSAVED in bench.told(job)
    bench.store.failing = False
    attempt.finish()

    ended = await bench.ended(job)

    assert (ended.status, ended.process) == (JobStatus.COMPLETED, attempt.process)


async def test_a_job_that_somebody_else_moved_is_left_as_it_is(bench: Bench) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    running = await bench.store.get(job.id)
    await bench.store.replace(running, lifecycle.requeue(running))
    waiting = await bench.store.get(job.id)
    cancelled = lifecycle.cancel(waiting, now=bench.clock())
    await bench.store.replace(waiting, cancelled)

    attempt.finish()
    await until(lambda: EventKind.REFUSED in bench.told(job))

    assert await bench.store.get(job.id) == cancelled
    await until(lambda: bench.engine.active == 0)


async def test_a_process_of_a_job_that_was_moved_while_it_started_is_stopped(
    bench: Bench,
) -> None:
    async def move_the_job() -> None:
        running = await bench.store.get(1)
        await bench.store.replace(running, lifecycle.requeue(running))
        waiting = await bench.store.get(1)
        await bench.store.replace(waiting, lifecycle.cancel(waiting, now=bench.clock()))

    bench.executor.before_start = move_the_job
    job = await bench.submit()
    await until(lambda: EventKind.REFUSED in bench.told(job))

    assert bench.executor.alive == []
    assert await bench.status(job) is JobStatus.CANCELLED
