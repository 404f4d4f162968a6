"""What dead workers left: found in two looks, by one worker at a time."""

from __future__ import annotations

import asyncio

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.distributed.dispatch import Dispatch
from worker_python.engines.distributed.leases import Key, Leases, Stale
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.local.context import Context, report
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import StaleWriteError, StoreUnavailableError
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus

_LOCK = {"lock": 7_305_805_541_004}

# A reaper that is stopped (SIGSTOP) keeps its connection: its lock must not outlive its looks.
_LEAST_IDLE_SECONDS = 1.0  # a look waits for other connections too


class Reaper:
    """Runs in every worker; the one that holds an advisory lock looks.

    A job is taken from a worker only where its lease was found too old twice and had not moved
    between. Whatever disturbs a look (an outage, the lock gone) makes it forget what it has seen.
    """

    def __init__(
        self, url: str, context: Context, dispatch: Dispatch, options: DistributedOptions
    ) -> None:
        self._line = Line(url)
        self._leases = Leases(self._line)
        self._context = context
        self._dispatch = dispatch
        self._options = options
        self._seen: dict[Key, Stale] = {}
        self._locked = False

    async def look_forever(self) -> None:
        """Look every quarter of the stalled threshold."""
        while True:
            try:
                await self.look()
            except (StoreUnavailableError, StaleWriteError) as error:
                report("the reaper could not look; it will begin anew", error)
            await asyncio.sleep(self._options.look_seconds)

    async def look(self) -> None:
        """Look once; raises `StoreUnavailableError`."""
        seen, self._seen = self._seen, {}  # nothing is remembered of a look that is disturbed
        if not await self._mine():
            return
        found = await self._leases.stale(self._options.stalled_seconds)
        for one in found:
            if seen.get(one.key) == one:
                await self._reap(one)
        await self._dispatch.free(self._options.stalled_seconds)
        await self._dispatch.sweep(self._line)
        self._seen = {one.key: one for one in found}

    async def close(self) -> None:
        """Let another worker look."""
        await self._line.close()

    async def _mine(self) -> bool:
        if not (self._locked and self._line.connected):
            idle = max(_LEAST_IDLE_SECONDS, self._options.look_seconds * 2)
            await self._line.expire_after(idle)
            (row,) = await self._line.ask("SELECT pg_try_advisory_lock(%(lock)s) AS mine", _LOCK)
            self._locked = row["mine"]
        return self._locked

    async def _reap(self, stale: Stale) -> None:
        """Take down what is left of the attempt on this machine, then move its job."""
        job = await self._context.store.get(stale.key[0])
        if job.status is not JobStatus.RUNNING or job.token != stale.key[1]:
            return
        alive = await self._context.executor.recover(job.process, marker=job.marker or "")
        self._context.reached(CrashPoint.DURING_RECOVERY)
        after = self._after(job, stale)
        try:
            await self._context.store.replace(job, after)
        except StaleWriteError:  # its worker was faster
            return
        what = "its process was stopped" if alive else "no process of it is on this machine"
        told = job if after.status is JobStatus.PENDING else after
        self._context.tell(EventKind.RECOVERED, told, error=f"its worker is gone; {what}")

    def _after(self, job: Job, stale: Stale) -> Job:
        ending = Ending.CANCELLED if stale.cancel_asked else Ending.LOST
        if ending is Ending.LOST and self._options.retry.allows(job):
            return lifecycle.requeue(job)
        output = "" if ending is Ending.CANCELLED else None  # it had a process, and left no word
        return lifecycle.settle(job, Outcome(ending, stdout=output), now=self._context.clock())
