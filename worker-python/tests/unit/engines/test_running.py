"""Jobs run in order, a few at a time, and end as their attempts do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pytest_mock import MockerFixture

from worker_python.engines.testing import Bench, ScriptedExecutor, until
from worker_python.jobs.events import EventKind
from worker_python.jobs.status import JobStatus

OpenBench = Callable[..., Awaitable[Bench]]

UNCONFIGURED = 404
BROKEN = 500


async def test_a_submitted_job_is_kept_as_pending_and_then_runs(bench: Bench) -> None:
    job = await bench.submit(84)
    assert (job.status, job.report_id) == (JobStatus.PENDING, 84)

    (attempt,) = await bench.running()

    assert attempt.command.argv == ("deduper", str(job.id))
    assert await bench.status(job) is JobStatus.RUNNING


@pytest.mark.parametrize(("exit_code", "status"), [(0, JobStatus.COMPLETED), (1, JobStatus.FAILED)])
async def test_the_exit_code_decides(bench: Bench, exit_code: int, status: JobStatus) -> None:
    job = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish(exit_code, stdout="rows", stderr="warnings")

    ended = await bench.ended(job)

    assert (ended.status, ended.exit_code) == (status, exit_code)
    assert (ended.stdout, ended.stderr, ended.error) == ("rows", "warnings", None)
    assert ended.process == attempt.process


@pytest.mark.parametrize("most", [1, 3])
async def test_jobs_run_in_order_and_never_more_than_may(open_bench: OpenBench, most: int) -> None:
    bench = await open_bench(most=most)
    waiting = [await bench.submit() for _ in range(7)]
    while waiting:
        first = waiting[:most]
        attempts = {one.command.argv[1]: one for one in await bench.running(len(first))}
        assert attempts.keys() == {str(job.id) for job in first}
        assert bench.engine.active <= most
        await until(lambda: bench.engine.active == len(first))  # noqa: B023  # awaited at once
        attempts[str(waiting[0].id)].finish()
        await bench.ended(waiting.pop(0))


async def test_where_that_is_wanted_a_report_has_one_waiting_job(open_bench: OpenBench) -> None:
    bench = await open_bench(join_waiting=True)
    running = await bench.submit(84)
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(running))

    waiting, again, other = [await bench.submit(report) for report in (84, 84, 85)]
    without = [await bench.submit() for _ in range(2)]
    attempt.finish()
    await bench.ended(running)
    (attempt,) = await bench.running()

    assert again == waiting
    assert len({job.id for job in (running, waiting, other, *without)}) == 5
    assert bench.told(waiting)[:2] == [EventKind.ENQUEUED, EventKind.JOINED]
    assert attempt.command.argv == ("deduper", str(waiting.id))


async def test_no_two_attempts_share_a_marker(open_bench: OpenBench) -> None:
    bench = await open_bench(most=5)
    for _ in range(5):
        await bench.submit()

    assert len({attempt.marker for attempt in await bench.running(5)}) == 5


async def test_a_job_the_settings_do_not_allow_is_accepted_and_fails_at_once(bench: Bench) -> None:
    job = await bench.submit(UNCONFIGURED)
    assert job.status is JobStatus.PENDING

    ended = await bench.ended(job)

    assert (ended.status, ended.error) == (JobStatus.FAILED, "PATH_TO_PYTHON_VENV is missing")
    assert (ended.exit_code, ended.started_at) == (None, None)
    assert bench.executor.started == []


async def test_a_job_that_cannot_be_started_fails_without_an_exit_code(bench: Bench) -> None:
    bench.executor.refusal = "no interpreter at /opt/venv/bin/python"

    ended = await bench.ended(await bench.submit())

    assert (ended.status, ended.error) == (JobStatus.FAILED, bench.executor.refusal)
    assert (ended.exit_code, ended.started_at) == (None, None)


async def test_a_job_out_of_time_fails_and_says_so(bench: Bench) -> None:
    job = await bench.submit()
    await bench.running()
    bench.clock.advance(61)
    bench.executor.run_out_of_time()

    ended = await bench.ended(job)

    assert ended.status is JobStatus.FAILED
    assert "longer than it may" in str(ended.error)
    await until(lambda: EventKind.TIMED_OUT in bench.told(job))


@pytest.mark.parametrize("defect", ["executor", "command"])
async def test_a_defect_of_ours_fails_one_job_and_is_reported(bench: Bench, defect: str) -> None:
    reports = listen()
    if defect == "executor":
        bench.executor.defect = ZeroDivisionError("a defect")
    ended = await bench.ended(await bench.submit(BROKEN if defect == "command" else None))
    bench.executor.defect = None

    assert (ended.status, ended.exit_code) == (JobStatus.FAILED, None)
    assert "ZeroDivisionError" in str(ended.error)
    assert len(reports) == 1
    following = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish()
    assert (await bench.ended(following)).status is JobStatus.COMPLETED


async def test_no_job_starts_before_what_a_defect_left_is_taken_down(
    bench: Bench, mocker: MockerFixture
) -> None:
    reports = listen()
    bench.executor.defect = ZeroDivisionError("a defect")
    trouble = [OSError("too many open files"), True]
    recover = mocker.patch.object(ScriptedExecutor, "recover", side_effect=trouble)

    ended = await bench.ended(await bench.submit())

    assert ended.status is JobStatus.FAILED
    assert recover.await_count == 2
    assert [type(report) for report in reports] == [ZeroDivisionError, OSError]


async def test_a_caller_that_goes_away_leaves_its_job_behind(bench: Bench) -> None:
    submitting = asyncio.create_task(bench.submit())
    await asyncio.sleep(0)
    submitting.cancel()
    await asyncio.wait([submitting])

    await bench.running()


async def test_every_move_is_told_in_order(bench: Bench) -> None:
    job = await bench.submit(84)
    (attempt,) = await bench.running()
    attempt.finish()
    await bench.ended(job)
    await until(lambda: EventKind.COMPLETED in bench.told(job))

    assert bench.told(job) == [EventKind.ENQUEUED, EventKind.STARTED, EventKind.COMPLETED]
    last = bench.events[-1]
    assert last.fields() == {
        "job_id": job.id,
        "report_id": 84,
        "status": "completed",
        "attempt": 1,
        "pid": attempt.process.pid,
        "exit_code": 0,
        "seconds": 1.0,
    }


async def test_the_time_a_job_waited_is_told_with_its_start(bench: Bench) -> None:
    first, second = [await bench.submit() for _ in range(2)]
    (attempt,) = await bench.running()
    bench.clock.advance(25)
    attempt.finish()
    await bench.ended(first)
    await until(lambda: EventKind.STARTED in bench.told(second))

    assert [event.seconds for event in bench.events if event.kind is EventKind.STARTED] == [0, 25]


async def test_an_observer_that_fails_harms_no_job(open_bench: OpenBench) -> None:
    reports = listen()

    def fail(event: object) -> None:
        raise OSError(f"the disk is full: {event}")

    bench = await open_bench(observer=fail)
    job = await bench.submit()
    (attempt,) = await bench.running()
    attempt.finish()

    assert (await bench.ended(job)).status is JobStatus.COMPLETED
    await until(lambda: len(reports) == 3)


async def test_ended_jobs_beyond_the_retention_go(open_bench: OpenBench) -> None:
    bench = await open_bench(keep=2)
    jobs = []
    for _ in range(5):
        jobs.append(await bench.submit())
        (attempt,) = await bench.running()
        attempt.finish()
        await bench.ended(jobs[-1])

    async def only_two_left() -> bool:
        return sum((await bench.store.counts()).values()) == 2  # type: ignore[no-any-return]  # passed on by the flaky store

    await until(only_two_left)
    assert (await bench.store.get(jobs[-1].id)).status is JobStatus.COMPLETED


def listen() -> list[object]:
    """Collect what is handed to the loop's exception handler."""
    reports: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reports.append(context.get("exception"))
    )
    return reports
