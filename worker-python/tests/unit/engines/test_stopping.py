"""A shutdown lets jobs end, then stops them; a start settles whatever a crash left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from worker_python.engines.grounds import Ground
from worker_python.engines.testing import Bench, FlakyStore, ScriptedExecutor, VirtualClock, until
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.sqlite import SqliteJobStore

OpenBench = Callable[..., Awaitable[Bench]]


@pytest.fixture
def executor() -> ScriptedExecutor:
    return ScriptedExecutor(VirtualClock())


@pytest.fixture
async def lost(ground: Ground, executor: ScriptedExecutor) -> Job:
    """A job that was running, its process still alive, when the service was killed."""
    store = ground.store()
    await store.open()
    job = await store.add(NewJob(executor.clock()))
    running = lifecycle.claim(job, marker="word", now=executor.clock())
    attempt = await executor.start(Command(("deduper", "1")), marker="word")
    await store.replace(job, running)
    await store.replace(running, lifecycle.spawned(running, attempt.process))
    kept = await store.get(job.id)
    await store.close()
    await asyncio.to_thread(ground.hours_later)
    return kept


async def test_jobs_may_end_within_the_drain_limit_and_pending_ones_stay(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(drain_seconds=20)
    job, waiting = [await bench.submit() for _ in range(2)]
    (attempt,) = await bench.running()
    stopping = asyncio.create_task(bench.engine.stop())
    for _ in range(20):
        await asyncio.sleep(0)
    attempt.finish()
    await stopping

    assert await bench.status(job) is JobStatus.COMPLETED
    assert await bench.status(waiting) is JobStatus.PENDING
    assert len(bench.executor.started) == 1


async def test_a_job_over_the_limit_is_stopped_and_says_so(bench: Bench) -> None:
    job = await bench.submit()
    await bench.running()
    await bench.engine.stop()

    stopped = await bench.store.get(job.id)

    assert bench.executor.alive == []
    assert (stopped.status, stopped.exit_code) == (JobStatus.FAILED, -15)
    assert "service was stopped" in str(stopped.error)


async def test_where_lost_jobs_are_retried_a_stopped_one_runs_again_first(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(retry=True)
    job, _ = [await bench.submit() for _ in range(2)]
    await bench.running()
    await bench.engine.stop()
    assert await bench.status(job) is JobStatus.PENDING
    assert EventKind.REQUEUED in bench.told(job)

    bench = await open_bench(retry=True)
    (attempt,) = await bench.running()

    assert attempt.command.argv == ("deduper", str(job.id))
    assert (await bench.store.get(job.id)).token == 2


async def test_a_shutdown_waits_for_a_deaf_process_to_be_killed(bench: Bench) -> None:
    bench.executor.deaf = True
    await bench.submit()
    (attempt,) = await bench.running()
    stopping = asyncio.create_task(bench.engine.stop())
    await until(lambda: attempt.ending is Ending.SHUT_DOWN)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not stopping.done()

    attempt.kill()
    await stopping


async def test_what_arrives_after_the_stop_is_kept_for_the_next_start(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench()
    await bench.engine.stop()
    job = await bench.submit()
    assert bench.executor.started == []

    bench = await open_bench()
    (attempt,) = await bench.running()
    assert attempt.command.argv == ("deduper", str(job.id))


async def test_a_lost_job_is_taken_down_and_fails_with_the_reason(
    open_bench: OpenBench, executor: ScriptedExecutor, lost: Job
) -> None:
    bench = await open_bench(executor)

    settled = await bench.ended(lost)

    assert executor.alive == []
    assert settled.status is JobStatus.FAILED
    assert "ended unexpectedly" in str(settled.error)
    assert (settled.exit_code, settled.started_at) == (None, lost.started_at)
    await until(lambda: bench.told(lost) == [EventKind.RECOVERED])


async def test_a_lost_job_whose_pid_was_never_saved_is_found_by_its_marker(
    open_bench: OpenBench, executor: ScriptedExecutor, lost: Job
) -> None:
    executor.started[0].process = executor.started[0].process.__class__(1, 1, "another")

    bench = await open_bench(executor)

    assert (await bench.ended(lost)).status is JobStatus.FAILED
    assert executor.alive == []


async def test_a_lost_job_runs_again_where_lost_jobs_are_retried(
    open_bench: OpenBench, executor: ScriptedExecutor, lost: Job
) -> None:
    bench = await open_bench(executor, retry=True)
    await until(lambda: len(executor.started) == 2)
    left, attempt = executor.started
    assert not left.alive
    attempt.finish()

    ended = await bench.ended(lost)

    assert (ended.status, ended.token) == (JobStatus.COMPLETED, 2)
    assert attempt.marker != lost.marker


async def test_a_job_that_takes_the_service_down_is_not_repeated_for_ever(
    open_bench: OpenBench, ground: Ground, executor: ScriptedExecutor, lost: Job
) -> None:
    store = ground.store()
    await store.open()
    for _ in range(2):
        waiting = lifecycle.requeue(lost)
        await store.replace(lost, waiting)
        lost = lifecycle.claim(waiting, marker="word", now=executor.clock())
        await store.replace(waiting, lost)
    await store.close()
    await asyncio.to_thread(ground.hours_later)

    bench = await open_bench(executor, retry=True)

    ended = await bench.ended(lost)
    assert (ended.token, ended.status) == (3, JobStatus.FAILED)


async def test_a_maintenance_command_that_outlived_a_crash_is_taken_down_before_a_job_starts(
    open_bench: OpenBench, executor: ScriptedExecutor
) -> None:
    left = await executor.start(Command(("deduper", "clear_table")), marker="maintenance")

    await open_bench(executor)

    assert not left.alive


async def test_a_start_that_cannot_settle_what_was_lost_fails(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench()
    await bench.engine.stop()
    await bench.store.close()

    with pytest.raises(StoreUnavailableError):
        await bench.engine.start()


async def test_an_end_that_cannot_be_written_before_the_stop_is_settled_by_the_next_start(
    open_bench: OpenBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker_python.engines.local.slots._LAST_WRITES_SECONDS", 0.01)
    bench = await open_bench()
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    bench.store.failing = True
    attempt.finish()
    await until(lambda: EventKind.UNSAVED in bench.told(job))
    await bench.engine.stop()
    assert await bench.status(job) is JobStatus.RUNNING

    bench = await open_bench()

    assert (await bench.ended(job)).status is JobStatus.FAILED


async def test_the_store_of_a_bench_fails_when_told(tmp_path: Path) -> None:
    store = FlakyStore(SqliteJobStore(tmp_path / "other.db"))
    store.blind = True

    with pytest.raises(StoreUnavailableError):
        await store.counts()
