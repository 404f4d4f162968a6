"""The distributed engine in an API process: it takes jobs, answers and cancels, and runs none."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.distributed import gate
from worker_python.engines.distributed.bell import MOVED, Bell
from worker_python.engines.distributed.dispatch import Dispatch, make_schema
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.local.cancels import cancel_every, cancel_pending
from worker_python.engines.local.context import Context
from worker_python.engines.local.finishing import Finishing
from worker_python.engines.local.quiet import Quiet
from worker_python.engines.local.taking import take
from worker_python.jobs.attempt import Ending
from worker_python.jobs.errors import JobNotCancellableError, StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.ports import QuietPeriod
from worker_python.jobs.status import JobStatus

_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.25


class DistributedEngine:
    """Implements `jobs.ports.Engine` on a `PostgresJobStore` that is open; `Worker` runs the jobs.

    Any number of processes may have one on the same database.
    """

    def __init__(self, url: str, context: Context, options: DistributedOptions) -> None:
        self._url = url
        self._context = context
        self._options = options
        self._line = Line(url)
        self._leases = Leases(self._line)
        self._bell = Bell(url, MOVED, self._on_moved)
        self._dispatch = Dispatch(
            url, lanes=options.max_concurrent_jobs, patience_seconds=_PATIENCE_SECONDS
        )
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._quiet_periods: set[Quiet] = set()
        self._finishing = Finishing()
        self._stopping = False

    @property
    def active(self) -> int:
        """How many attempts run in this process: none but those of quiet periods."""
        return len(self._quiet_periods)

    async def start(self) -> None:
        """Connect, and make the tables of the engine where they are missing."""
        await make_schema(self._url)
        await self._dispatch.open()
        self._bell.start()

    async def stop(self) -> None:
        """Stop what runs here, finish what was asked, disconnect; jobs go on without us."""
        self._stopping = True
        for quiet in self._quiet_periods:
            quiet.stop(Ending.SHUT_DOWN)
        await self._finishing.end(patience_seconds=_PATIENCE_SECONDS)
        await self._bell.stop()
        await self._dispatch.close()
        await self._line.close()

    async def submit(self, new: NewJob) -> Job:
        """Keep the job durably; a worker runs it when its turn comes."""
        return await self._finishing.do(self._submit(new))

    async def cancel(self, job_id: int) -> Job:
        """Return the job once it is cancelled, wherever it runs; of several callers one wins.

        Raises:
            StoreUnavailableError: the database, or whoever runs the job, did not answer in time;
                where it was asked for, it is done as soon as they do.
        """
        return await self._finishing.do(self._cancel(job_id))

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[QuietPeriod]:
        """Cancel all that is pending or running, and let no worker start any until the exit."""
        async with self._nobody_starts() as shut:
            cancelled = await self._finishing.do(cancel_every(self._context, self._cancel))
            quiet = Quiet(self._context.executor, secrets.token_hex(16), cancelled)
            self._context.reached(CrashPoint.DURING_QUIET)
            shut.when_lost(lambda: quiet.stop(Ending.LOST))
            if self._stopping:  # told to stop before there was a period to be told
                quiet.stop(Ending.SHUT_DOWN)
            self._quiet_periods.add(quiet)
            try:
                yield quiet
            finally:
                self._quiet_periods.discard(quiet)

    @asynccontextmanager
    async def _nobody_starts(self) -> AsyncIterator[gate.Closed]:
        entered = False
        try:
            async with gate.closed(self._url) as shut:
                entered = True
                yield shut
        finally:
            if entered:
                await self._dispatch.send_soon()

    async def _submit(self, new: NewJob) -> Job:
        job, fresh = await take(self._context, new, join=self._options.join_waiting)
        if fresh:
            await self._dispatch.send_soon()
        return job

    async def _cancel(self, job_id: int) -> Job:
        deadline = time.monotonic() + self._options.cancel_patience_seconds
        first = False
        while True:
            job = await self._context.store.get(job_id)
            if job.status is JobStatus.PENDING:
                if cancelled := await cancel_pending(self._context, job):
                    return cancelled
            elif job.status is JobStatus.RUNNING:
                first = await self._leases.ask_cancel(job) or first
                await self._moved(job, deadline)
            elif first and job.status is JobStatus.CANCELLED:
                return job
            else:
                raise JobNotCancellableError(job_id, job.status)

    async def _moved(self, job: Job, deadline: float) -> None:
        """Return when the job has left its attempt."""
        event = asyncio.Event()
        self._waiting[job.id].add(event)
        try:
            while (await self._context.store.get(job.id)).status is JobStatus.RUNNING:
                if time.monotonic() > deadline:
                    raise StoreUnavailableError(
                        f"no worker has answered for job {job.id}: it is cancelled when one does"
                    )
                await _set_within(event, _POLL_SECONDS)
                event.clear()
        finally:
            self._waiting[job.id].discard(event)
            if not self._waiting[job.id]:
                del self._waiting[job.id]

    def _on_moved(self, job_id: int) -> None:
        for event in self._waiting.get(job_id, ()):
            event.set()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
