"""What the domain asks of the world: a store, an executor, an engine.

`storage`, `execution` and `engines` implement these; the composition root in `app.py` picks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.job import Job, JobSummary, NewJob, ProcessIdentity
from worker_python.jobs.status import JobStatus

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""


class JobStore(Protocol):
    """Keeps jobs; has no opinion about them.

    Every method raises `StoreUnavailableError` where the store cannot be reached or written.
    """

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""

    async def close(self) -> None:
        """Finish what is being written, and disconnect."""

    async def add(self, new: NewJob) -> Job:
        """Keep a new pending job durably (on disk when this returns) under the next id."""

    async def join(self, new: NewJob) -> tuple[Job, bool]:
        """Return the pending job of the same report, or keep the new one; and whether it is new.

        Of several at once that ask for a report, one adds the job.
        """

    async def get(self, job_id: int) -> Job:
        """Return one job; raises `JobNotFoundError`."""

    async def replace(self, before: Job, after: Job) -> None:
        """Write `after` durably if `before`'s status and token are still the kept ones.

        Raises `StaleWriteError` where they are not. Compare-and-swap is the only way to change a
        job, so two writers cannot both succeed.
        """

    async def next_pending(self) -> Job | None:
        """Return the oldest pending job, without claiming it."""

    async def with_status(self, *statuses: JobStatus) -> Sequence[Job]:
        """Return the jobs in any of these statuses, oldest first."""

    def summaries(self) -> AsyncIterator[Sequence[JobSummary]]:
        """Yield all jobs in creation order, in batches of bounded size."""

    async def counts(self) -> Mapping[JobStatus, int]:
        """Return how many jobs each status has; statuses without any are 0."""

    async def oldest_pending(self) -> datetime | None:
        """Return when the job that has waited longest was created."""

    async def prune(self, *, keep: int | None, ended_before: datetime | None) -> int:
        """Delete ended jobs beyond the newest `keep`, or ended before a moment; return how many."""


class Stream(StrEnum):
    """What a command writes to."""

    STDOUT = "stdout"
    STDERR = "stderr"


class Outputs(Protocol):
    """The whole output of attempts; a job itself shows its end."""

    def read(self, job: Job, stream: Stream) -> AsyncIterator[bytes]:
        """Yield what is kept of the job's last attempt, in parts; nothing where nothing is.

        Raises:
            StoreUnavailableError: it cannot be read now.
        """


class Attempt(Protocol):
    """One running execution."""

    @property
    def process(self) -> ProcessIdentity:
        """The guard's identity: it lives exactly as long as anything of the attempt does."""

    def stop(self, ending: Ending) -> None:
        """Ask for the end (TERM, grace, KILL, to every descendant); the first reason wins."""

    async def wait(self) -> Outcome:
        """Return when the last descendant has gone. May be awaited by several."""


class Executor(Protocol):
    """Runs one command as one attempt."""

    async def start(self, command: Command, *, marker: str) -> Attempt:
        """Start it under a guard; raises `AttemptNotStartedError` where no process came to be."""

    async def recover(self, process: ProcessIdentity | None, *, marker: str) -> bool:
        """Take down whatever is left of an attempt of a crashed service.

        Returns whether anything was alive. When it returns, nothing is.
        """


class AttemptNotStartedError(Exception):
    """No process came to be; the message says why."""


class Engine(Protocol):
    """Decides when attempts run, and owns them while they do."""

    async def start(self) -> None:
        """Recover what a crash left, then begin to run what is pending."""

    async def stop(self) -> None:
        """Start nothing more, let running attempts end within the drain limit, stop the rest."""

    async def submit(self, new: NewJob) -> Job:
        """Keep the job durably, and run it when its turn comes."""

    async def cancel(self, job_id: int) -> Job:
        """Return the job once it *is* cancelled.

        Raises:
            JobNotFoundError: no such job.
            JobNotCancellableError: it had ended, or another cancel was first.
        """

    def quiet(self) -> AbstractAsyncContextManager[QuietPeriod]:
        """Cancel all that is pending or running, side by side, and start nothing until the exit.

        Jobs submitted meanwhile stay pending and run afterwards.
        """

    @property
    def active(self) -> int:
        """How many attempts run right now."""


class QuietPeriod(Protocol):
    """A time in which no attempt runs."""

    @property
    def cancelled(self) -> Sequence[int]:
        """Ids of the jobs that were cancelled for it, ascending: those that really were."""

    async def run(self, command: Command) -> Outcome:
        """Run a maintenance command under the same guard and limits as an attempt."""


CommandFor = Callable[[Job], Command]
"""Makes the command of a job; raises `ConfigurationError` where settings do not allow one."""
