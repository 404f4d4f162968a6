"""A worker process: runs the jobs it is handed, through the same slots as the local engine."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from procrastinate.exceptions import ProcrastinateException

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
from worker_python.storage.pool import Pool

# With Procrastinate's defaults an outage of 45 s makes a worker exit and leaves an ended job
# `doing`; with these it did neither.
_OUTAGE_SECONDS = 600.0
_LAST_WORDS_SECONDS = 5.0
_POLL_SECONDS = 1.0


class Worker:
    """Runs until it is stopped; outages of the database are waited for.

    The context's store is a `LeasedJobStore`.
    """

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
        self._launching = asyncio.Lock()
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
        with suppress(TimeoutError):  # what is being claimed now is in its slot afterwards
            async with asyncio.timeout(_LAST_WORDS_SECONDS), self._launching:
                pass
        await self._slots.empty(drain_seconds=self._options.drain_seconds)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_WORDS_SECONDS)
        await self._retention.stop()
        await self._reaper.close()
        await self._holding.stop()
        await self._sending.close()

    async def take_turn(self) -> None:
        """Run pending jobs, one after the other, until there is none or none may start."""
        while (slot := await self._launched()) is not None:
            self._holding.hold(slot)
            try:
                await self._left(slot)
            finally:
                self._holding.let_go(slot)
        if self._stopping:
            await self._sending.send_soon()

    async def _launched(self) -> Slot | None:
        """Launch the next job; while that fails the turn waits, and the order stays."""
        for delay in delays():
            try:
                async with self._launching:
                    return await self._launch_next()
            except StoreUnavailableError as error:
                report("the next job could not be launched; it will be tried again", error)
            await self._context.pause(delay)
        return None

    async def _launch_next(self) -> Slot | None:
        while not self._stopping:
            job = await self._context.store.next_pending()
            if job is None:
                return None
            if before := self._slots.of(job.id):  # back in line, not yet out of its slot
                await self._left(before)
                continue
            await self._slots.launch(job)
            if slot := self._slots.of(job.id):
                return slot
        return None

    async def _left(self, slot: Slot) -> None:
        while self._slots.of(slot.job.id) is slot:
            with suppress(StoreUnavailableError):  # its end cannot be written yet
                await slot.ended()

    async def _keep_output(self, job: Job) -> None:
        folder = self._options.keep.outputs
        if folder is not None:
            await self._files.keep(job, folder, beyond=self._options.output_tail_bytes)

    async def _take_forever(self) -> None:
        """Take jobs; where Procrastinate's worker gives up, begin anew with another."""
        for delay in delays():
            dispatch = self._new_dispatch()
            dispatch.on_turn(self.take_turn)
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
