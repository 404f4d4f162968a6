"""The slots of this process: who occupies them, and how they are emptied at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from worker_python.engines.local.context import Context, report
from worker_python.engines.local.retry import Retry
from worker_python.engines.local.slot import Slot
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.errors import ConfigurationError, StaleWriteError
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job

_LAST_WRITES_SECONDS = 5.0


class Slots:
    """At most `most` jobs at a time; `on_free` is called whenever one of them has ended."""

    def __init__(
        self, context: Context, *, most: int, retry: Retry, on_free: Callable[[], None]
    ) -> None:
        self._context = context
        self._most = most
        self._retry = retry
        self._on_free = on_free
        self._occupied: dict[int, Slot] = {}
        self._tasks: dict[asyncio.Task[None], Slot] = {}

    def __len__(self) -> int:
        return len(self._occupied)

    def of(self, job_id: int) -> Slot | None:
        """Return the slot a job occupies."""
        return self._occupied.get(job_id)

    async def launch_next(self) -> bool:
        """Start the oldest pending job; False where there is none, or no free slot."""
        if len(self._occupied) >= self._most:
            return False
        job = await self._context.store.next_pending()
        if job is None or job.id in self._occupied:  # back in line, not yet out of its slot
            return False
        await self.launch(job)
        return True

    async def launch(self, job: Job) -> None:
        """Start a pending job, or fail one that has no command; nothing where it has moved on."""
        try:
            command = self._context.command_for(job)
        except ConfigurationError as error:
            await self._reject(job, str(error))
        except Exception as error:  # noqa: BLE001  # a defect of ours; this job would bar the queue
            report(f"the command of job {job.id} could not be made", error)
            await self._reject(job, f"its command could not be made: {error!r}")
        else:
            await self._launch(job, command)

    async def empty(self, *, drain_seconds: float) -> None:
        """Wait for the jobs to end; stop those that take longer; leave no process."""
        await self._wait(drain_seconds)
        for slot in self._tasks.values():
            slot.ask(Ending.SHUT_DOWN)
        await asyncio.gather(*(slot.processes_gone() for slot in self._tasks.values()))
        await self._wait(_LAST_WRITES_SECONDS)
        for task in self._tasks:  # its job stays `running` on disk: the next start settles it
            task.cancel()
        await self._wait(None)

    async def _reject(self, job: Job, error: str) -> None:
        rejected = lifecycle.reject(job, error, now=self._context.clock())
        try:
            await self._context.store.replace(job, rejected)
        except StaleWriteError:  # cancelled meanwhile: there is nothing left to reject
            return
        self._context.tell(EventKind.FAILED, rejected, error=error)

    async def _launch(self, job: Job, command: Command) -> None:
        """Claim the job and let its attempt run in a task of its own.

        The slot is known before the claim is durable, so that whoever reads `running` finds it.
        """
        slot = self._occupied[job.id] = Slot(job, self._context, self._retry)
        claimed = False
        try:
            claimed = await slot.claim(secrets.token_hex(16))
        finally:
            if not claimed:
                self._vacate(slot)
        if claimed:
            task = asyncio.create_task(self._occupy(slot, command), name=f"job-{job.id}")
            self._tasks[task] = slot
            task.add_done_callback(self._forget)

    async def _occupy(self, slot: Slot, command: Command) -> None:
        try:
            await slot.occupy(command)
        finally:
            self._vacate(slot)
            self._on_free()

    def _vacate(self, slot: Slot) -> None:
        """Free the slot and only then answer, so that whoever looks again finds no old slot."""
        del self._occupied[slot.job.id]
        slot.release()

    def _forget(self, task: asyncio.Task[None]) -> None:
        slot = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            report(f"job {slot.job.id} was left as it was", error)

    async def _wait(self, seconds: float | None) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
