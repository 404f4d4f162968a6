"""Faults of workers, connections and the database itself: no job lost, none run twice at once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import Protocol

import httpx
import psycopg
import pytest

from rig.fleet import Fleet
from rig.machines import NETWORK, Machine, NoMachinesError, machine
from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.testing import until
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.status import JobStatus
from worker_python.storage.testing import OwnPostgres

OUTAGES = [float(seconds) for seconds in os.environ.get("CHAOS_OUTAGES", "1").split()]
POINTS = [CrashPoint.AFTER_CLAIM]
if "CHAOS_REPORT" in os.environ:
    POINTS += [
        CrashPoint.AFTER_SPAWN,
        CrashPoint.AFTER_PID_SAVED,
        CrashPoint.AFTER_EXIT,
        CrashPoint.AFTER_RESULT_SAVED,
    ]
AN_HOUR = 3600
STOPS = 10 if "CHAOS_REPORT" in os.environ else 2
JOBS_BETWEEN_STOPS = 20

Gone = Callable[[list[int]], bool]


class Tally(Protocol):
    async def survived(self, name: str, fleet: Fleet, *, seconds: float | None = None) -> None: ...


async def test_the_job_of_a_killed_worker_runs_elsewhere(
    fleet: Fleet, gone: Gone, tally: Tally
) -> None:
    first = fleet.start("work")
    job = await fleet.submit()
    pids = await fleet.busy(first)
    second = fleet.start("work")
    await fleet.reaches(job, JobStatus.RUNNING)

    first.send(signal.SIGKILL)
    killed = time.monotonic()
    await fleet.busy(second)
    seconds = time.monotonic() - killed

    assert gone(pids)
    fleet.go.touch()
    assert (await fleet.reaches(job, JobStatus.COMPLETED, token=2)).exit_code == 0
    await tally.survived("worker killed (SIGKILL)", fleet, seconds=seconds)


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_may_die_between_any_two_steps(
    fleet: Fleet, point: CrashPoint, tally: Tally
) -> None:
    fleet.go.touch()
    first = fleet.start("work", CRASH_AT=f"{point} 1")
    job = await fleet.submit()
    await first.dies()
    died = time.monotonic()
    fleet.start("work")

    attempts = 1 if point is CrashPoint.AFTER_RESULT_SAVED else 2
    await fleet.reaches(job, JobStatus.COMPLETED, token=attempts)
    seconds = time.monotonic() - died

    await fleet.submit()
    await tally.survived(f"worker killed {point}", fleet, seconds=seconds)


async def test_a_worker_that_wakes_up_late_changes_nothing(
    fleet: Fleet, gone: Gone, tally: Tally
) -> None:
    zombie = fleet.start("work")
    job = await fleet.submit()
    pids = await fleet.busy(zombie)
    second = fleet.start("work")

    zombie.send(signal.SIGSTOP)
    stopped = time.monotonic()
    await fleet.busy(second)
    seconds = time.monotonic() - stopped
    assert gone(pids)  # before the other attempt began
    await fleet.reaches(job, JobStatus.RUNNING, token=2)
    zombie.send(signal.SIGCONT)
    await until(lambda: "refused" in zombie.log, seconds=30)

    await fleet.reaches(job, JobStatus.RUNNING, token=2)
    second.send(signal.SIGKILL)  # nor does it keep what it lost from being found again
    fleet.go.touch()
    await fleet.reaches(job, JobStatus.COMPLETED, token=3)
    following = await fleet.submit()
    await fleet.reaches(following, JobStatus.COMPLETED)
    await tally.survived("worker stopped and woken up (SIGSTOP)", fleet, seconds=seconds)


async def test_a_worker_that_is_cut_off_stops_before_another_begins(
    fleet: Fleet, machines: list[Machine], tally: Tally
) -> None:
    fleet.stalled_seconds = max(4.0, fleet.stalled_seconds)
    lonely = fleet.start("work", within=machines[0].within)
    job = await fleet.submit()
    await fleet.busy(lonely)
    other = fleet.start("work", within=machines[1].within)
    await fleet.reaches(job, JobStatus.RUNNING)

    machines[0].cut()
    cut = time.monotonic()
    await fleet.busy(other)
    seconds = time.monotonic() - cut
    await fleet.reaches(job, JobStatus.RUNNING, token=2)
    machines[0].mend()
    await until(lambda: "refused" in lonely.log, seconds=60)

    await fleet.reaches(job, JobStatus.RUNNING, token=2)
    await tally.survived("network cut between worker and database", fleet, seconds=seconds)
    assert lonely.popen.poll() is None


@pytest.mark.parametrize("seconds", OUTAGES)
async def test_an_outage_of_the_database_ends_no_job(
    fleet: Fleet, postgres: OwnPostgres, gone: Gone, tally: Tally, seconds: float
) -> None:
    fleet.stalled_seconds = 60.0
    worker = fleet.start("work")
    job, waiting = await fleet.submit(), await fleet.submit()
    pids = await fleet.busy(worker)

    await asyncio.to_thread(postgres.crash)
    try:
        await asyncio.sleep(seconds)  # the outage itself
        assert not gone(pids)
    finally:
        await asyncio.to_thread(postgres.start)
    back = time.monotonic()
    fleet.go.touch()

    assert (await fleet.reaches(job, JobStatus.COMPLETED)).exit_code == 0
    assert (await fleet.reaches(waiting, JobStatus.COMPLETED)).exit_code == 0
    recovery = time.monotonic() - back
    assert worker.popen.poll() is None
    await tally.survived(f"database stopped at once for {seconds:g} s", fleet, seconds=recovery)


async def test_a_database_that_stops_again_and_again_costs_no_job(
    fleet: Fleet, postgres: OwnPostgres, tally: Tally
) -> None:
    fleet.stalled_seconds = 60.0
    for _ in range(2):
        fleet.start("work")
    fleet.go.touch()

    async def submit() -> None:
        while len(fleet.acknowledged) < JOBS_BETWEEN_STOPS * STOPS:
            with suppress(StoreUnavailableError):  # it was not acknowledged
                await fleet.submit()
            await asyncio.sleep(0.05)

    async def stop() -> None:
        for _ in range(STOPS):
            await asyncio.sleep(1.5)
            await asyncio.to_thread(postgres.crash)
            await asyncio.to_thread(postgres.start)

    await asyncio.gather(submit(), stop())

    await tally.survived(f"database stopped {STOPS} times, every 2 s", fleet)


async def test_connections_that_are_cut_end_no_job(fleet: Fleet, tally: Tally) -> None:
    fleet.stalled_seconds = 60.0
    worker = fleet.start("work")
    job, waiting = await fleet.submit(), await fleet.submit()
    await fleet.busy(worker)

    with psycopg.connect(fleet.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    cut = time.monotonic()
    fleet.go.touch()

    await fleet.reaches(job, JobStatus.COMPLETED)
    await fleet.reaches(waiting, JobStatus.COMPLETED)
    seconds = time.monotonic() - cut
    await tally.survived("every backend killed", fleet, seconds=seconds)


async def test_an_api_process_may_die_before_it_answers(fleet: Fleet, tally: Tally) -> None:
    fleet.go.touch()
    worker = fleet.start("work")
    api = fleet.start("serve", "--port", "0", CRASH_AT=f"{CrashPoint.AFTER_INSERT} 2")
    async with httpx.AsyncClient(base_url=await api.address(), timeout=60) as client:
        answered = (await client.get("/deduper/jobs")).json()["jobId"]
        with pytest.raises(httpx.TransportError):
            await client.get("/deduper/jobs")
    await api.dies()
    died = time.monotonic()

    kept = [await fleet.store.get(job_id) for job_id in (answered, answered + 1)]
    fleet.acknowledged += kept
    for job in kept:
        await fleet.reaches(job, JobStatus.COMPLETED)
    seconds = time.monotonic() - died
    assert worker.popen.poll() is None
    await tally.survived("API process killed between insert and answer", fleet, seconds=seconds)


async def test_racing_workers_run_every_job_once_in_order_one_at_a_time(
    fleet: Fleet, tally: Tally
) -> None:
    fleet.go.touch()
    for _ in range(2):
        fleet.start("work")
    jobs = [await fleet.submit() for _ in range(12)]
    ended = [await fleet.reaches(job, JobStatus.COMPLETED) for job in jobs]

    assert {job.token for job in ended} == {1}
    for before, after in pairwise(ended):
        assert before.completed_at <= after.started_at  # type: ignore[operator]  # both have ended
    await tally.survived("two workers racing", fleet)


async def test_a_clock_that_is_wrong_takes_no_job_away(fleet: Fleet, tally: Tally) -> None:
    steps = [fleet.folder / "back", fleet.folder / "forward"]
    busy = fleet.start("work", CLOCK_STEP=str(steps[0]))
    job = await fleet.submit()
    await fleet.busy(busy)
    fleet.start("work", CLOCK_STEP=str(steps[1]))

    for step, seconds in zip(steps, (-AN_HOUR, AN_HOUR), strict=True):
        step.write_text(str(seconds))
    await asyncio.sleep(1.5 * fleet.stalled_seconds)  # by then it would have been taken away
    assert (await fleet.store.get(job.id)).token == 1
    fleet.go.touch()

    await fleet.reaches(job, JobStatus.COMPLETED)
    following = await fleet.submit()
    await fleet.reaches(following, JobStatus.COMPLETED)
    await tally.survived("clocks stepped by an hour, one forward, one back", fleet)


@pytest.fixture
def machines(postgres: OwnPostgres) -> Iterator[list[Machine]]:
    postgres.admit(NETWORK)
    with ExitStack() as stack:
        try:
            yield [stack.enter_context(machine()) for _ in range(2)]
        except NoMachinesError as error:
            pytest.skip(str(error))
