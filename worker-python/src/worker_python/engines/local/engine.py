"""The local engine: jobs wait in a store, attempts run in this process, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from worker_python.engines.crash_points import CrashPoint, Reached, unreached
from worker_python.engines.local.cancels import Cancels
from worker_python.engines.local.context import Context
from worker_python.engines.local.finishing import Finishing
from worker_python.engines.local.quiet import Quiet
from worker_python.engines.local.recovery import recover
from worker_python.engines.local.retention import Keep, Retention
from worker_python.engines.local.retry import Retry
from worker_python.engines.local.scheduler import Scheduler
from worker_python.engines.local.slots import Slots
from worker_python.engines.local.taking import take
from worker_python.jobs.attempt import Ending
from worker_python.jobs.events import JobObserver, unobserved
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.ports import Clock, CommandFor, Executor, JobStore, QuietPeriod


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """Attempts at a time, seconds a shutdown waits for them, what is repeated and what is kept.

    `join_waiting`: a report whose job has not started is given that job instead of another one.

    `maintenance_marker` marks what runs in quiet periods, of which the store knows nothing. Where
    it is the same after a crash (and another one for another database), the next start finds what
    was left of it before it starts a job.
    """

    max_concurrent_jobs: int = 1
    drain_seconds: float = 10.0
    retry: Retry = field(default_factory=Retry)
    keep: Keep = field(default_factory=Keep)
    maintenance_marker: str = field(default_factory=lambda: secrets.token_hex(16))
    join_waiting: bool = False


class LocalEngine:
    """Implements `jobs.ports.Engine` on a store that is open and belongs to this process."""

    def __init__(
        self,
        store: JobStore,
        executor: Executor,
        command_for: CommandFor,
        clock: Clock,
        *,
        options: LocalOptions | None = None,
        observer: JobObserver = unobserved,
        reached: Reached = unreached,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._options = options or LocalOptions()
        self._context = Context(store, executor, command_for, clock, observer, reached, pause)
        self._slots = Slots(
            self._context,
            most=self._options.max_concurrent_jobs,
            retry=self._options.retry,
            on_free=self._wake,
        )
        self._scheduler = Scheduler(self._slots.launch_next, pause)
        self._cancels = Cancels(self._context, self._slots)
        self._retention = Retention(self._context, self._options.keep)
        self._quiet_periods: set[Quiet] = set()
        self._finishing = Finishing()
        self._stopping = False

    @property
    def active(self) -> int:
        """How many attempts run right now."""
        return len(self._slots)

    async def start(self) -> None:
        """Recover what a crash left, then begin to run what is pending."""
        await self._context.executor.recover(None, marker=self._options.maintenance_marker)
        await recover(self._context, self._options.retry)
        self._scheduler.start()
        self._retention.start()

    async def stop(self) -> None:
        """Start nothing more, let attempts end within the drain limit, stop the rest.

        A job that had to be stopped is `failed`, or `pending` where lost jobs are retried; one
        whose end cannot be written now stays `running` on disk, and the next start settles it.
        """
        self._stopping = True
        await self._retention.stop()
        for quiet in self._quiet_periods:  # first: the scheduler waits for them
            quiet.stop(Ending.SHUT_DOWN)
        await self._scheduler.stop()
        await self._slots.empty(drain_seconds=self._options.drain_seconds)
        await self._finishing.end()

    async def submit(self, new: NewJob) -> Job:
        """Keep the job durably, and run it when its turn comes."""
        return await self._finishing.do(self._submit(new))

    async def cancel(self, job_id: int) -> Job:
        """Return the job once it is cancelled; of several callers one wins."""
        return await self._finishing.do(self._cancels.one(job_id))

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[QuietPeriod]:
        """Cancel all that is pending or running, and start nothing until the exit.

        Raises:
            QuietPeriodError: the store failed on the way; names the jobs cancelled so far.
        """
        async with self._scheduler.held():
            cancelled = await self._finishing.do(self._cancels.every())
            quiet = Quiet(self._context.executor, self._options.maintenance_marker, cancelled)
            self._context.reached(CrashPoint.DURING_QUIET)
            if self._stopping:  # told to stop before there was a period to be told
                quiet.stop(Ending.SHUT_DOWN)
            self._quiet_periods.add(quiet)
            try:
                yield quiet
            finally:
                self._quiet_periods.discard(quiet)

    def _wake(self) -> None:
        self._scheduler.wake()

    async def _submit(self, new: NewJob) -> Job:
        job, fresh = await take(self._context, new, join=self._options.join_waiting)
        if fresh:
            self._wake()
        return job
