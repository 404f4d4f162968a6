"""The promises of the engine, kept with real processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from worker_python.engines.local import LocalEngine, slots
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.errors import JobNotCancellableError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.storage.sqlite import SqliteJobStore

Gone = Callable[[list[psutil.Process]], bool]


class Service(Protocol):
    engine: LocalEngine
    store: SqliteJobStore
    folder: Path

    def submit(self, **orders: object) -> Awaitable[Job]: ...
    def processes(self, job: Job) -> Awaitable[list[psutil.Process]]: ...
    def ended(self, job: Job) -> Awaitable[Job]: ...


@pytest.mark.parametrize(("code", "status"), [(0, JobStatus.COMPLETED), (3, JobStatus.FAILED)])
async def test_a_job_ends_as_its_process_does(
    service: Service, code: int, status: JobStatus
) -> None:
    job = await service.ended(await service.submit(stdout="rows", stderr="warned", exit=code))

    assert (job.status, job.exit_code) == (status, code)
    assert str(job.stdout).endswith("rows")
    assert (job.stderr, job.error) == ("warned", None)
    assert job.process is not None


@pytest.mark.parametrize(
    "orders",
    [
        {},
        {"deaf": True},
        {"forks": 3, "double_fork": True},
        {"deaf": True, "forks": 2, "double_fork": True},
        {"flood": True},
    ],
    ids=str,
)
async def test_a_cancelled_job_leaves_no_process(
    service: Service, gone: Gone, orders: dict[str, Any]
) -> None:
    job = await service.submit(delay=600, **orders)
    processes = await service.processes(job)

    cancelled = await service.engine.cancel(job.id)

    assert gone(processes)
    assert cancelled.status is JobStatus.CANCELLED


async def test_a_job_out_of_time_leaves_no_process_and_says_so(
    service: Service, gone: Gone
) -> None:
    job = await service.submit(delay=600, double_fork=True, timeout_seconds=0.5)
    processes = await service.processes(job)

    ended = await service.ended(job)

    assert gone(processes)
    assert ended.status is JobStatus.FAILED
    assert ended.error


async def test_ten_cancels_at_once_of_a_real_process_have_one_winner(service: Service) -> None:
    job = await service.submit(delay=600)
    await service.processes(job)

    results = await asyncio.gather(
        *(service.engine.cancel(job.id) for _ in range(10)), return_exceptions=True
    )

    assert [type(result) for result in results].count(Job) == 1
    assert [type(result) for result in results].count(JobNotCancellableError) == 9


async def test_a_clear_leaves_no_process_while_it_runs(service: Service, gone: Gone) -> None:
    jobs = [await service.submit(delay=600, double_fork=True) for _ in range(3)]
    running = [await service.processes(job) for job in jobs[:2]]

    async with service.engine.quiet() as quiet:
        assert all(map(gone, running))
        arrived = await service.submit()
        outcome = await quiet.run(Command(("/bin/sh", "-c", "echo cleared")))

    assert list(quiet.cancelled) == [job.id for job in jobs]
    assert (outcome.ending, outcome.stdout) == (Ending.EXITED, "cleared\n")
    assert (await service.ended(arrived)).status is JobStatus.COMPLETED


async def test_a_shutdown_leaves_no_process(service: Service, gone: Gone) -> None:
    job = await service.submit(delay=600, deaf=True, double_fork=True)
    processes = await service.processes(job)

    await service.engine.stop()

    assert gone(processes)
    assert (await service.store.get(job.id)).status is JobStatus.FAILED


async def test_a_shutdown_that_gives_up_on_the_store_does_not_give_up_on_processes(
    service: Service, gone: Gone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "_LAST_WRITES_SECONDS", 0)
    job = await service.submit(delay=600, deaf=True)
    processes = await service.processes(job)

    await service.engine.stop()

    assert gone(processes)


async def test_a_missing_interpreter_fails_the_job_without_an_exit_code(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/bin/python")

    job = await service.ended(await service.submit())

    assert (job.status, job.exit_code, job.started_at) == (JobStatus.FAILED, None, None)
    assert "/nowhere/bin/python" in str(job.error)
