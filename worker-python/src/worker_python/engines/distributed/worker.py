"""A worker process: runs the jobs it is handed, through the same slots as the local engine."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from procrastinate.exceptions import ProcrastinateException

from worker_python.engines.distributed import gate
from worker_python.engines.distributed.dispatch import QUEUE, Dispatch, make_schema
from worker_python.engines.distributed.files import Files
from worker_python.engines.distributed.holding import Holding
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.distributed.reaper import Reaper
from worker_python.engines.local.context import Context, delays, report
from worker_python.engines.local.retention import Retention
from worker_python.engines.local.slot import Slot
from worker_python.engines.local.slots import Slots
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.storage.pool import Pool

# With Procrastinate's defaults an outage of 45 s makes a worker exit and leaves an ended job
# `doing`; with these it did neither.
_OUTAGE_SECONDS = 600.0
_LAST_WORDS_SECONDS = 5.0
_POLL_SECONDS = 1.0

# A worker that slept through the loss of its lane finds there what runs by now.
_NEXT = """
    SELECT id FROM jobs WHERE status = 'pending' AND id %% %(lanes)s = %(lane)s AND NOT EXISTS (
        SELECT FROM jobs AS running WHERE status = 'running' AND id %% %(lanes)s = %(lane)s
    ) ORDER BY id LIMIT 1
"""


class Worker:
    """Runs until it is stopped; outages of the database are waited for."""

    def __init__(self, url: str, pool: Pool, context: Context, options: DistributedOptions) -> None:
        self._url = url
        self._pool = pool
        self._context = context = replace(context, on_exit=self._keep_output)
        self._options = options
        self._files = Files(pool)
        most = options.max_concurrent_jobs
        self._slots = Slots(context, most=most, retry=options.retry, on_free=lambda: None)
        self._holding = Holding(url, options)
        self._sending = self._new_dispatch()
        self._reaper = Reaper(url, context, self._sending, options)
        self._retention = Retention(context, options.keep)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def active(self) -> int:
        """How many attempts run in this process."""
        return len(self._slots)

    async def start(self) -> None:
        """Begin to take jobs; raises `StoreUnavailableError`."""
        await make_schema(self._url)
        await self._sending.open()
        self._holding.start()
        self._retention.start()
        self._tasks = [
            asyncio.create_task(self._reaper.look_forever(), name="job-reaper"),
            asyncio.create_task(self._take_forever(), name="job-worker"),
        ]

    async def stop(self) -> None:
        """Take no more jobs, let attempts end within the drain limit, stop the rest."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await self._slots.empty(drain_seconds=self._options.drain_seconds)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_WORDS_SECONDS)
        await self._retention.stop()
        await self._reaper.close()
        await self._holding.stop()
        await self._sending.close()

    async def run_next(self, lane: int) -> None:
        """Run the oldest pending job of a lane to its end, where there is one."""
        slot = await self._launched(lane)
        if slot is None:
            return
        await self._holding.hold(slot)
        try:
            job = await self._left(slot)
        finally:
            await self._holding.let_go(slot)
        if job.status is JobStatus.PENDING:
            await self._send_again(job)

    async def _launched(self, lane: int) -> Slot | None:
        """Launch the lane's next job; while that fails the lane waits, and its order stays."""
        for delay in delays():
            try:
                return await self._launch(lane)
            except StoreUnavailableError as error:
                report("the next job could not be launched; it will be tried again", error)
            await self._context.pause(delay)
        return None

    async def _launch(self, lane: int) -> Slot | None:
        async with gate.passing(self._pool):
            job = await self._next(lane)
            if job is None or self._stopping:
                return None
            await self._slots.launch(job)
        return self._slots.of(job.id)

    async def _next(self, lane: int) -> Job | None:
        lanes = self._options.max_concurrent_jobs
        found = await self._pool.fetch(_NEXT, {"lane": lane, "lanes": lanes})
        return await self._context.store.get(found[0]["id"]) if found else None

    async def _left(self, slot: Slot) -> Job:
        while self._slots.of(slot.job.id) is slot:
            with suppress(StoreUnavailableError):  # its end cannot be written yet
                await slot.ended()
        return slot.job

    async def _keep_output(self, job: Job) -> None:
        folder = self._options.keep.outputs
        if folder is not None:
            await self._files.keep(job, folder, beyond=self._options.output_tail_bytes)

    async def _send_again(self, job: Job) -> None:
        try:
            await self._sending.send(job.id)
        except StoreUnavailableError as error:
            report(f"job {job.id} will be sent later", error)

    async def _take_forever(self) -> None:
        """Take jobs; where Procrastinate's worker gives up, begin anew with another."""
        for delay in delays():
            dispatch = self._new_dispatch()
            dispatch.on_turn(self.run_next)
            try:
                await self._take(dispatch)
            except (ProcrastinateException, StoreUnavailableError, OSError) as error:
                report("no jobs can be taken; it will be tried again", error)
            await self._context.pause(delay)

    async def _take(self, dispatch: Dispatch) -> None:
        await dispatch.open()
        try:
            await dispatch.app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._options.max_concurrent_jobs,
                delete_jobs="always",  # the job store remembers
                install_signal_handlers=False,
                fetch_job_polling_interval=_POLL_SECONDS,
                update_heartbeat_interval=min(10.0, self._options.look_seconds),
                stalled_worker_timeout=max(_OUTAGE_SECONDS, self._options.stalled_seconds),
            )
        finally:
            await dispatch.close()

    def _new_dispatch(self) -> Dispatch:
        lanes = self._options.max_concurrent_jobs
        return Dispatch(self._url, lanes=lanes, patience_seconds=_OUTAGE_SECONDS)
