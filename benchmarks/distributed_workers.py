"""The worker processes of `distributed_engine.py`: ours, or Procrastinate's alone.

`python distributed_workers.py work|plain empty|guarded URL`, until SIGTERM.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from procrastinate import App, PsycopgConnector

from worker_python.engines.distributed import DistributedOptions, LeasedJobStore, Worker
from worker_python.engines.local.context import Context
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.job import Job, ProcessIdentity
from worker_python.jobs.ports import Executor

TRUE = Command(("/bin/true",))
SLEEP = Command(("/bin/sleep", "60"))


class EmptyAttempt:
    """An attempt that is over."""

    process = ProcessIdentity(pid=1, start_time=0, boot_id="none")

    def stop(self, ending: Ending) -> None:
        """Too late."""

    async def wait(self) -> Outcome:
        """Return at once."""
        return Outcome(Ending.EXITED, 0, "", "")


class EmptyExecutor:
    """Starts nothing."""

    async def start(self, command: Command, *, marker: str) -> EmptyAttempt:
        """Return an attempt that is over."""
        del command, marker
        return EmptyAttempt()

    async def recover(self, process: ProcessIdentity | None, *, marker: str) -> bool:
        """Find nothing."""
        del process, marker
        return False


def executor(kind: str) -> Executor:
    """Return what runs jobs of a kind."""
    return EmptyExecutor() if kind == "empty" else GuardedExecutor()


def command_for(job: Job) -> Command:
    """Return a command that ends at once, or one that does not where a report is named."""
    return TRUE if job.report_id is None else SLEEP


def options() -> DistributedOptions:
    """Return the options of production."""
    return DistributedOptions()


@asynccontextmanager
async def open_plain(url: str, kind: str = "empty") -> AsyncIterator[App]:
    """Open Procrastinate with one task, in one lane as ours."""
    app = App(connector=PsycopgConnector(conninfo=url))
    runs = executor(kind)

    @app.task(name="run", lock="one")
    async def run() -> None:
        attempt = await runs.start(TRUE, marker=secrets.token_hex(16))
        await attempt.wait()

    async with app.open_async():
        yield app


async def work(kind: str, url: str) -> None:
    """Run our worker."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    store = LeasedJobStore(url)
    await store.open()
    context = Context(store, executor(kind), command_for, lambda: datetime.now(UTC))
    worker = Worker(url, store.pool, context, options())
    await worker.start()
    await stop.wait()
    await worker.stop()
    await store.close()


async def plain(kind: str, url: str) -> None:
    """Run Procrastinate's worker."""
    async with open_plain(url, kind) as app:
        await app.run_worker_async(delete_jobs="always", fetch_job_polling_interval=1.0)


if __name__ == "__main__":
    verb, kind, url = sys.argv[1:]
    asyncio.run({"work": work, "plain": plain}[verb](kind, url))
