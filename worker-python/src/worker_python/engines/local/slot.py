"""One job from its claim to its result: the only place that writes how an attempt ended."""

from __future__ import annotations

import asyncio

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.local.context import Context, delays, report, take_down
from worker_python.engines.local.retry import Retry
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import StaleWriteError, StoreUnavailableError
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Attempt, AttemptNotStartedError
from worker_python.jobs.status import JobStatus

_TOLD = {
    JobStatus.COMPLETED: EventKind.COMPLETED,
    JobStatus.FAILED: EventKind.FAILED,
    JobStatus.CANCELLED: EventKind.CANCELLED,
    JobStatus.PENDING: EventKind.REQUEUED,
}


class Slot:
    """Occupied by a job as long as its attempt lasts and its result is not on disk.

    Whoever stops it asks here, and the first reason wins; whoever waits for the end waits here.
    """

    def __init__(self, job: Job, context: Context, retry: Retry) -> None:
        self.job = job
        self._context = context
        self._retry = retry
        self._wish: Ending | None = None
        self._attempt: Attempt | None = None
        self._waiting: list[asyncio.Future[Job]] = []
        self._processes_gone = asyncio.Event()

    async def claim(self, marker: str) -> bool:
        """Claim the job durably; False where somebody was faster. Nothing runs before this."""
        claimed = lifecycle.claim(self.job, marker=marker, now=self._context.clock())
        try:
            await self._context.store.replace(self.job, claimed)
        except StaleWriteError:
            return False
        self.job = claimed
        self._context.reached(CrashPoint.AFTER_CLAIM)
        return True

    def ask(self, ending: Ending) -> bool:
        """Ask for the attempt's end; False where somebody had asked before."""
        if self._wish is not None:
            return False
        self._wish = ending
        if self._attempt is not None:
            self._attempt.stop(ending)
        return True

    async def ended(self) -> Job:
        """Return the job as it is kept once it has left the slot: `pending` where it never began.

        Raises:
            StoreUnavailableError: it has ended, but this cannot be kept now; it is tried again.
        """
        future: asyncio.Future[Job] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return await future

    async def occupy(self, command: Command) -> None:
        """Run the attempt to its end and keep what became of the job."""
        try:
            outcome = await self._outcome(command)
        finally:
            self._processes_gone.set()
        self._context.reached(CrashPoint.AFTER_EXIT)
        await self._context.on_exit(self.job)
        self.job = await self._keep(self._after(outcome), outcome)
        self._context.reached(CrashPoint.AFTER_RESULT_SAVED)

    async def processes_gone(self) -> None:
        """Return when no process of the attempt is left, whether or not its result is kept."""
        await self._processes_gone.wait()

    def release(self) -> None:
        """Answer whoever waits: the job has left the slot, as `job` says."""
        if self.job.status is JobStatus.RUNNING:
            self._refuse("its end is not kept yet")
        for future in self._take_waiting():
            future.set_result(self.job)

    async def _outcome(self, command: Command) -> Outcome:
        if self._wish is not None:
            return Outcome(self._wish)  # it was asked to end before there was a process
        try:
            return await self._run(command)
        except AttemptNotStartedError as error:
            return Outcome(Ending.NOT_STARTED, error=str(error))
        except Exception as error:  # noqa: BLE001  # a defect of the executor: the job must end all the same
            report(f"the executor failed under job {self.job.id}", error)
            executor, job = self._context.executor, self.job
            await take_down(
                executor, job.process, marker=job.marker or "", pause=self._context.pause
            )
            return Outcome(Ending.LOST, error=f"its attempt failed: {error!r}")

    async def _run(self, command: Command) -> Outcome:
        self._attempt = await self._context.executor.start(command, marker=self.job.marker or "")
        if self._wish is not None:
            self._attempt.stop(self._wish)
        self._context.reached(CrashPoint.AFTER_SPAWN)
        await self._note_process(self._attempt)
        self._context.reached(CrashPoint.AFTER_PID_SAVED)
        self._context.tell(EventKind.STARTED, self.job, seconds=_waited(self.job))
        return await self._attempt.wait()

    async def _note_process(self, attempt: Attempt) -> None:
        """Save which process it is, once: where that fails, the marker finds it after a crash."""
        before, self.job = self.job, lifecycle.spawned(self.job, attempt.process)
        try:
            await self._context.store.replace(before, self.job)
        except StoreUnavailableError as error:
            self._context.tell(EventKind.UNSAVED, self.job, error=str(error))
        except StaleWriteError:
            attempt.stop(Ending.LOST)  # the job is not ours any more; `_keep` will say so

    def _after(self, outcome: Outcome) -> Job:
        if self._to_be_repeated(outcome):
            return lifecycle.requeue(self.job)
        return lifecycle.settle(self.job, outcome, now=self._context.clock())

    def _to_be_repeated(self, outcome: Outcome) -> bool:
        if outcome.ending not in (Ending.SHUT_DOWN, Ending.LOST):
            return False
        return not lifecycle.had_process(outcome) or self._retry.allows(self.job)

    async def _keep(self, after: Job, outcome: Outcome) -> Job:
        """Write the result, however long that takes; return what is kept."""
        try:
            await self._insist(after)
        except StaleWriteError as error:
            kept = await self._context.store.get(after.id)
            if kept != after:
                self._context.tell(EventKind.REFUSED, kept, error=str(error))
                return kept
        timed_out = outcome.ending is Ending.TIMED_OUT
        kind = EventKind.TIMED_OUT if timed_out else _TOLD[after.status]
        told = after if after.status.terminal else self.job
        self._context.tell(kind, told, seconds=outcome.seconds, error=after.error)
        return after

    async def _insist(self, after: Job) -> None:
        for delay in delays():
            try:
                return await self._context.store.replace(self.job, after)
            except StoreUnavailableError as error:
                self._context.tell(EventKind.UNSAVED, after, error=str(error))
                self._refuse(str(error))
            await self._context.pause(delay)
        return None

    def _refuse(self, why: str) -> None:
        for future in self._take_waiting():
            future.set_exception(StoreUnavailableError(f"job {self.job.id} has ended, but {why}"))

    def _take_waiting(self) -> list[asyncio.Future[Job]]:
        waiting, self._waiting = self._waiting, []
        return [future for future in waiting if not future.done()]


def _waited(job: Job) -> float | None:
    if job.started_at is None:
        return None
    return (job.started_at - job.created_at).total_seconds()
