"""Faults of workers, connections and the database itself: no job lost, none run twice at once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from worker_python.engines.testing import until
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.testing import OwnPostgres

OUTAGES = [float(seconds) for seconds in os.environ.get("CHAOS_OUTAGES", "1").split()]

Fleet = Any
"""See `conftest`, which cannot be imported."""

Gone = Callable[[list[int]], bool]


async def test_the_job_of_a_killed_worker_runs_elsewhere_in_time(fleet: Fleet, gone: Gone) -> None:
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
    assert seconds <= 2 * fleet.stalled_seconds + 2  # and the start of a process, on a busy machine
    fleet.go.touch()
    assert (await fleet.reaches(job, JobStatus.COMPLETED, token=2)).exit_code == 0


async def test_a_worker_that_wakes_up_late_changes_nothing(fleet: Fleet, gone: Gone) -> None:
    zombie = fleet.start("work")
    job = await fleet.submit()
    pids = await fleet.busy(zombie)
    second = fleet.start("work")

    zombie.send(signal.SIGSTOP)
    await fleet.busy(second)
    assert gone(pids)  # before the other attempt began
    running = await fleet.reaches(job, JobStatus.RUNNING, token=2)
    zombie.send(signal.SIGCONT)
    await until(lambda: b"refused" in (zombie.folder / "log").read_bytes(), seconds=30)

    assert await fleet.store.get(job.id) == running
    fleet.go.touch()
    ended = await fleet.reaches(job, JobStatus.COMPLETED, token=2)
    following = await fleet.submit()
    await fleet.reaches(following, JobStatus.COMPLETED)
    assert await fleet.store.get(job.id) == ended


@pytest.mark.parametrize("seconds", OUTAGES)
async def test_an_outage_of_the_database_ends_no_job(
    fleet: Fleet, postgres: OwnPostgres, gone: Gone, seconds: float
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
    fleet.go.touch()

    assert (await fleet.reaches(job, JobStatus.COMPLETED)).exit_code == 0
    assert (await fleet.reaches(waiting, JobStatus.COMPLETED)).exit_code == 0
    assert worker.popen.poll() is None


async def test_connections_that_are_cut_end_no_job(fleet: Fleet) -> None:
    fleet.stalled_seconds = 60.0
    worker = fleet.start("work")
    job, waiting = await fleet.submit(), await fleet.submit()
    await fleet.busy(worker)

    with psycopg.connect(fleet.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    fleet.go.touch()

    await fleet.reaches(job, JobStatus.COMPLETED)
    await fleet.reaches(waiting, JobStatus.COMPLETED)


async def test_a_job_that_was_kept_and_never_sent_is_found(fleet: Fleet) -> None:
    fleet.go.touch()
    job = await fleet.store.add(
        NewJob(datetime.now(UTC))
    )  # as an API process killed before its answer

    fleet.start("work")

    await fleet.reaches(job, JobStatus.COMPLETED)


async def test_racing_workers_run_every_job_once_in_order_one_at_a_time(fleet: Fleet) -> None:
    fleet.go.touch()
    for _ in range(2):
        fleet.start("work")
    jobs = [await fleet.submit() for _ in range(12)]
    ended = [await fleet.reaches(job, JobStatus.COMPLETED) for job in jobs]

    assert {job.token for job in ended} == {1}
    for before, after in pairwise(ended):
        assert before.completed_at <= after.started_at
