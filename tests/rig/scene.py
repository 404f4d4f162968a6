"""A database of the distributed engine without workers: a test does the work of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import psycopg

from worker_python.engines.distributed import DistributedOptions, LeasedJobStore
from worker_python.engines.distributed.dispatch import Dispatch
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.reaper import Reaper
from worker_python.engines.grounds import DistributedGround
from worker_python.engines.local.context import Context
from worker_python.engines.testing import ScriptedExecutor, VirtualClock
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus


@dataclass
class Scene:
    """What a test of the distributed engine has at hand; `stack` ends what it starts."""

    ground: DistributedGround
    store: LeasedJobStore
    context: Context
    executor: ScriptedExecutor
    dispatch: Dispatch
    line: Line
    stack: AsyncExitStack

    @property
    def leases(self) -> Leases:
        """The table of attempts."""
        return Leases(self.line)

    def reaper(self) -> Reaper:
        """Return another worker's reaper, which looks when it is told to."""
        reaper = Reaper(self.ground.url, self.context, self.dispatch, DistributedOptions())
        self.stack.push_async_callback(reaper.close)
        return reaper

    async def running(self) -> Job:
        """Return a job that a worker holds."""
        job = await self.store.add(NewJob(self.context.clock()))
        running = lifecycle.claim(job, marker="word", now=self.context.clock())
        await self.store.replace(job, running)
        return running

    async def lost(self) -> Job:
        """Return a job whose worker was not heard of for long."""
        job = await self.running()
        self.ground.hours_later()
        return job

    async def status(self, job: Job) -> JobStatus:
        """Return the kept status."""
        return (await self.store.get(job.id)).status

    def turns(self) -> list[str]:
        """Return what Procrastinate says of each turn it has. Blocks."""
        with psycopg.connect(self.ground.url) as connection:
            return [row[0] for row in connection.execute("SELECT status FROM procrastinate_jobs")]


@asynccontextmanager
async def opened(ground: DistributedGround) -> AsyncIterator[Scene]:
    """Open a scene on a database whose tables are made."""
    store = LeasedJobStore(ground.url)
    executor = ScriptedExecutor(VirtualClock())
    context = Context(
        store, executor, lambda job: Command(("deduper", str(job.id))), executor.clock
    )
    async with AsyncExitStack() as stack:
        await store.open()
        stack.push_async_callback(store.close)
        dispatch = Dispatch(ground.url, lanes=1, patience_seconds=5)
        await dispatch.open()
        stack.push_async_callback(dispatch.close)
        line = Line(ground.url)
        stack.push_async_callback(line.close)
        yield Scene(ground, store, context, executor, dispatch, line, stack)
