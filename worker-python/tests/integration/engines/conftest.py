"""The local engine with everything real: processes, a database on disk, time."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from worker_python.engines.local import LocalEngine, LocalOptions
from worker_python.engines.testing import until
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command
from worker_python.jobs.job import Job, NewJob
from worker_python.storage.sqlite import SqliteJobStore

FAKE_DEDUPER = Path(__file__).parents[2] / "fixtures/fake_deduper/src/main.py"


@dataclass(slots=True)
class Service:
    """An engine and its store, and orders for the children by report id."""

    engine: LocalEngine
    store: SqliteJobStore
    folder: Path

    async def submit(self, **orders: object) -> Job:
        """Submit a job whose child obeys the orders; `started` is a file it makes when it runs."""
        number = len(list(self.folder.glob("orders-*")))
        orders.setdefault("started", str(self.folder / f"started-{number}"))
        (self.folder / f"orders-{number}").write_text(json.dumps(orders))
        return await self.engine.submit(NewJob(datetime.now(UTC), report_id=number))

    async def processes(self, job: Job) -> list[psutil.Process]:
        """Wait until the job's whole tree is there, and return it."""
        started = self.folder / f"started-{job.report_id}"
        await until(started.exists)
        return [psutil.Process(int(line)) for line in started.read_text().split()]

    async def ended(self, job: Job) -> Job:
        """Wait for the job's end."""

        async def has_ended() -> bool:
            return (await self.store.get(job.id)).status.terminal

        await until(has_ended)
        return await self.store.get(job.id)

    def command_for(self, job: Job) -> Command:
        """Give the child its orders."""
        orders = (self.folder / f"orders-{job.report_id}").read_text()
        return Command(
            argv=(sys.executable, "-I", "-S", str(FAKE_DEDUPER), "analyze_fast"),
            environment={"FAKE_DEDUPER": orders},
            timeout_seconds=json.loads(orders).get("timeout_seconds"),
            output=self.folder / f"output-{job.id}",
        )


OpenService = Callable[..., Awaitable[Service]]


@pytest.fixture
async def open_service(tmp_path: Path) -> AsyncIterator[OpenService]:
    """Start a service on the test's database."""
    services: list[Service] = []

    async def open_it(options: LocalOptions) -> Service:
        store = SqliteJobStore(tmp_path / "jobs.db")
        await store.open()
        service = Service(None, store, tmp_path)  # type: ignore[arg-type]  # in a moment
        service.engine = LocalEngine(
            store,
            GuardedExecutor(grace_seconds=0.3),
            service.command_for,
            lambda: datetime.now(UTC),
            options=options,
        )
        services.append(service)
        await service.engine.start()
        return service

    yield open_it
    for service in services:
        await service.engine.stop()
        await service.store.close()


@pytest.fixture
async def service(open_service: OpenService) -> Service:
    return await open_service(LocalOptions(max_concurrent_jobs=2, drain_seconds=0))


@pytest.fixture
def gone() -> Callable[[list[psutil.Process]], bool]:
    """Whether none of these processes is alive; a zombie is not."""

    def none_alive(processes: list[psutil.Process]) -> bool:
        return not [one for one in processes if _alive(one)]

    return none_alive


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
