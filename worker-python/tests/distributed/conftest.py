"""Workers and API processes of their own, on a PostgreSQL of their own, with faults at hand."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker_python.engines.distributed import DistributedEngine, DistributedOptions
from worker_python.engines.local.context import Context
from worker_python.engines.testing import until
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore

FAKE_DEDUPER = Path(__file__).parents[1] / "fixtures" / "fake_deduper"
PROGRAM = Path(sys.executable).parent / "worker-python"


@dataclass(slots=True)
class Process:
    """A process of the fleet. `started` is where its deduper writes its pids."""

    popen: subprocess.Popen[bytes]
    folder: Path

    @property
    def started(self) -> Path:
        return self.folder / "started"

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def dedupers(self) -> list[int]:
        """The processes of its attempt; empty before there is one."""
        return (
            [int(pid) for pid in self.started.read_text().split()] if self.started.exists() else []
        )


@dataclass(slots=True)
class Fleet:
    """An API half in this process and real processes beside it; `go` lets dedupers end."""

    url: str
    folder: Path
    stalled_seconds: float = 3.0
    processes: list[Process] = field(default_factory=list)
    store: PostgresJobStore = field(init=False)
    engine: DistributedEngine = field(init=False)

    @property
    def go(self) -> Path:
        return self.folder / "go"

    async def open(self) -> None:
        self.store = PostgresJobStore(self.url, patience_seconds=1)
        await self.store.open()
        context = Context(self.store, GuardedExecutor(), lambda _: Command(("true",)), now)
        options = DistributedOptions(cancel_patience_seconds=30)
        self.engine = DistributedEngine(self.url, context, options)
        await self.engine.start()

    async def close(self) -> None:
        for process in self.processes:
            process.send(signal.SIGCONT)
            process.send(signal.SIGKILL)
        for process in self.processes:
            await asyncio.to_thread(process.popen.wait)
        await self.engine.stop()
        await self.store.close()

    def start(self, *arguments: str) -> Process:
        """Start one process with a folder of its own, as on a machine of its own."""
        folder = self.folder / f"host-{len(self.processes)}"
        folder.mkdir()
        orders = {"started": str(folder / "started"), "until": str(self.go), "double_fork": True}
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DATABASE_URL": self.url,
            "JOB_STORE": str(folder / "jobs.sqlite3"),
            "PATH_TO_PYTHON_VENV": sys.prefix,
            "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
            "FAKE_DEDUPER": json.dumps(orders),
            "STALLED_SECONDS": str(self.stalled_seconds),
            "RETRY_LOST_JOBS": "true",
            "LOG_FORMAT": "json",
        }
        log = (folder / "log").open("wb")
        with log:
            popen = subprocess.Popen(
                [PROGRAM, *arguments], cwd=folder, env=environment, stdout=log, stderr=log
            )
        self.processes.append(Process(popen, folder))
        return self.processes[-1]

    async def submit(self, report_id: int | None = None) -> Job:
        return await self.engine.submit(NewJob(now(), report_id))

    async def reaches(self, job: Job, status: JobStatus, *, token: int = 1) -> Job:
        """Wait for a status under a token; return the job as it is then."""

        async def reached() -> bool:
            try:
                kept = await self.store.get(job.id)
            except StoreUnavailableError:
                return False
            return (kept.status, kept.token) == (status, token)

        await until(reached, seconds=60)
        return await self.store.get(job.id)

    async def busy(self, process: Process) -> list[int]:
        """Wait until a deduper of the worker runs; return its processes."""
        await until(lambda: bool(process.dedupers()), seconds=30)
        return process.dedupers()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def fleet(new_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[Fleet]:
    fleet = Fleet(new_database(), tmp_path)
    await fleet.open()
    yield fleet
    await fleet.close()


@pytest.fixture
def gone() -> Callable[[list[int]], bool]:
    """Return whether none of some processes is left; a zombie counts as gone."""

    def none_left(pids: list[int]) -> bool:
        return not any(alive(pid) for pid in pids)

    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return none_left
