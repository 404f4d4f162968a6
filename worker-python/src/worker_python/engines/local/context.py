"""What every part of the local engine works with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from worker_python.engines.crash_points import Reached, unreached
from worker_python.jobs.events import EventKind, JobEvent, JobObserver, unobserved
from worker_python.jobs.job import Job, ProcessIdentity
from worker_python.jobs.ports import Clock, CommandFor, Executor, JobStore

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""

_FIRST_DELAY_SECONDS = 0.05
_LONGEST_DELAY_SECONDS = 5.0


async def _nothing(job: Job) -> None:
    del job


@dataclass(frozen=True, slots=True)
class Context:
    """The engine's collaborators.

    `pause` waits some seconds before a failed write is repeated; `on_exit` does what is to be done
    between the exit of a job's processes and the write of its end.
    """

    store: JobStore
    executor: Executor
    command_for: CommandFor
    clock: Clock
    observer: JobObserver = unobserved
    reached: Reached = unreached
    pause: Pause = asyncio.sleep
    on_exit: Callable[[Job], Awaitable[None]] = _nothing

    def tell(
        self, kind: EventKind, job: Job, *, seconds: float | None = None, error: str | None = None
    ) -> None:
        """Tell the observer; what it raises is reported, and harms no job."""
        try:
            self.observer(JobEvent(kind, job, seconds=seconds, error=error))
        except Exception as failure:  # noqa: BLE001  # a full log disk must not stop the engine
            report("an observer of jobs failed", failure)


def report(message: str, error: BaseException) -> None:
    """Hand a defect to the event loop's exception handler, which logs it."""
    asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})


async def take_down(
    executor: Executor,
    process: ProcessIdentity | None,
    *,
    marker: str,
    pause: Pause = asyncio.sleep,
) -> None:
    """Leave nothing of an attempt under which the executor failed, however long that takes."""
    for delay in delays():
        try:
            await executor.recover(process, marker=marker)
        except Exception as error:  # noqa: BLE001  # reported, and tried again
            report("what is left of an attempt cannot be looked for; it is tried again", error)
            await pause(delay)
        else:
            return


def delays() -> Iterator[float]:
    """Yield how many seconds to wait before the next try: doubling, up to five seconds."""
    delay = _FIRST_DELAY_SECONDS
    while True:
        yield delay
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)
