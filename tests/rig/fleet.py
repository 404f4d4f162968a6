"""Workers and API processes of the distributed engine as real processes, with faults at hand."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker_python.engines.distributed import DistributedEngine, DistributedOptions
from worker_python.engines.local.context import Context
from worker_python.engines.testing import until
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore

FIXTURES = Path(__file__).parents[2] / "worker-python" / "tests" / "fixtures"
PROGRAM = (sys.executable, str(FIXTURES / "crashing_service.py"))
LIMIT_SECONDS = 90.0
ENDS = {"job completed", "job failed", "job cancelled", "job timed out"}


@dataclass(slots=True)
class Process:
    """A process of the fleet. `started` is where its deduper writes its pids."""

    popen: subprocess.Popen[bytes]
    folder: Path

    @property
    def started(self) -> Path:
        return self.folder / "started"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def dedupers(self) -> list[int]:
        """The processes of its attempt; empty before there is one."""
        return (
            [int(pid) for pid in self.started.read_text().split()] if self.started.exists() else []
        )

    async def dies(self) -> None:
        """Wait until the process has ended."""
        await until(lambda: self.popen.poll() is not None, seconds=LIMIT_SECONDS)

    async def address(self) -> str:
        """Wait until an API process listens; return its base URL."""
        pattern = r"http://127\.0\.0\.1:\d+"
        await until(lambda: bool(re.search(pattern, self.log)), seconds=LIMIT_SECONDS)
        return re.findall(pattern, self.log)[0]  # type: ignore[no-any-return]  # there is one

    def ends(self) -> Iterator[int]:
        """The jobs whose end was accepted from this process, each as often as it was."""
        for line in self.log.splitlines():
            with suppress(json.JSONDecodeError):
                entry = json.loads(line)
                if entry.get("event") in ENDS:
                    yield entry["job_id"]


@dataclass(slots=True)
class Fleet:
    """An API half in this process and real processes beside it; `go` lets dedupers end.

    Every job that was acknowledged is remembered, and every end as it was first seen.
    """

    url: str
    folder: Path
    stalled_seconds: float = 2.0
    processes: list[Process] = field(default_factory=list)
    acknowledged: list[Job] = field(default_factory=list)
    store: PostgresJobStore = field(init=False)
    engine: DistributedEngine = field(init=False)
    _ends: dict[int, Job] = field(default_factory=dict)

    @property
    def go(self) -> Path:
        return self.folder / "go"

    @property
    def alone(self) -> Path:
        return self.folder / "alone"

    async def open(self) -> None:
        self.alone.mkdir()
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

    def start(self, *arguments: str, within: tuple[str, ...] = (), **variables: str) -> Process:
        """Start one process with a folder of its own, as on a machine of its own.

        Args:
            arguments: of `worker-python`.
            within: a command that runs it elsewhere, see `rig.machines`.
            variables: added to its environment, see `crashing_service.py`.
        """
        folder = self.folder / f"host-{len(self.processes)}"
        folder.mkdir()
        with (folder / "log").open("wb") as log:
            popen = subprocess.Popen(
                [*within, *PROGRAM, *arguments],
                cwd=folder,
                env={**self._environment(folder), **variables},
                stdout=log,
                stderr=log,
            )
        self.processes.append(Process(popen, folder))
        return self.processes[-1]

    async def submit(self, report_id: int | None = None) -> Job:
        """Have a job acknowledged."""
        job = await self.engine.submit(NewJob(now(), report_id))
        self.acknowledged.append(job)
        return job

    async def reaches(self, job: Job, status: JobStatus, *, token: int = 1) -> Job:
        """Wait for a status under a token; return the job as it is then."""
        found = job

        async def reached() -> bool:
            nonlocal found
            with suppress(StoreUnavailableError):
                found = await self.store.get(job.id)
            self._note(found)
            return (found.status, found.token) == (status, token)

        await until(reached, seconds=LIMIT_SECONDS)
        return found

    async def busy(self, process: Process) -> list[int]:
        """Wait until a deduper of the worker runs; return its processes."""
        await until(lambda: bool(process.dedupers()), seconds=LIMIT_SECONDS)
        return process.dedupers()

    async def keeps_its_promise(self) -> None:
        """Let every job end, and look back.

        Raises:
            AssertionError: one was lost, ran twice at once, ended twice, or changed after its end.
            TimeoutError: one does not end.
        """
        self.go.touch()
        for job in self.acknowledged:
            await until(lambda job=job: self._has_ended(job), seconds=LIMIT_SECONDS)  # type: ignore[misc]  # bound now
        doubled = [f"{path.name} {path.read_text()}" for path in self.alone.iterdir()]
        assert not any(path.read_text() for path in self.alone.iterdir()), doubled
        ends = Counter(job_id for process in self.processes for job_id in process.ends())
        assert not [job_id for job_id, times in ends.items() if times > 1], ends

    async def _has_ended(self, job: Job) -> bool:
        found = await self.store.get(job.id)
        self._note(found)
        return found.status.terminal

    def _note(self, job: Job) -> None:
        if job.status.terminal:
            assert self._ends.setdefault(job.id, job) == job, "an ended job has changed"

    def _environment(self, folder: Path) -> dict[str, str]:
        orders: dict[str, Any] = {
            "alone": str(self.alone),
            "started": str(folder / "started"),
            "until": str(self.go),
            "double_fork": True,
        }
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DATABASE_URL": self.url,
            "JOB_STORE": str(folder / "jobs.sqlite3"),
            "PATH_TO_PYTHON_VENV": sys.prefix,
            "PATH_TO_MICROSERVICE_DEDUPER": str(FIXTURES / "fake_deduper"),
            "FAKE_DEDUPER": json.dumps(orders),
            "STALLED_SECONDS": str(self.stalled_seconds),
            "CANCEL_GRACE_SECONDS": "0.2",
            "RETRY_LOST_JOBS": "true",
            "LOG_FORMAT": "json",
        }


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
