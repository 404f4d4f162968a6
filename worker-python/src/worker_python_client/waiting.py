"""Waiting for a job: ask often at first, then seldom, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from worker_python_client.answers import Job, JobStatus
from worker_python_client.errors import WaitTimedOutError, WorkerUnavailableError

LAST_ANSWER_SECONDS = 1.0

Ask = Callable[[float], Job]
"""Asks for a job once, and takes at most so many seconds over it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to ask.

    The pauses begin with `first_pause`, each is `growth` times the one before, none is longer
    than `longest_pause`. A worker that is away (it may be starting again) is waited for as long
    as `outage`. All in seconds; `timeout` None means no limit.
    """

    timeout: float | None = 3600.0
    first_pause: float = 0.05
    growth: float = 1.5
    longest_pause: float = 2.0
    outage: float = 15.0

    def pauses(self) -> Iterator[float]:
        """Yield the pauses between the questions, without end."""
        pause = self.first_pause
        while True:
            yield min(pause, self.longest_pause)
            pause = min(pause * self.growth, self.longest_pause)


def until_terminal(
    job_id: int, ask: Ask, patience: Patience, on_status: Callable[[Job], None]
) -> Job:
    """Ask until the job has ended, and return it; tell `on_status` of every status seen first.

    Raises:
        WaitTimedOutError: it had not ended in time; it goes on.
        WorkerUnavailableError: the worker was away for too long.
    """
    began = answered = time.monotonic()
    seen: JobStatus | None = None
    for pause in patience.pauses():
        left = _left(patience.timeout, began)
        try:
            job = ask(max(left, LAST_ANSWER_SECONDS))
        except WorkerUnavailableError:
            if time.monotonic() - answered >= patience.outage:
                raise
        else:
            answered = time.monotonic()
            if job.status is not seen:
                on_status(job)
            if job.status.is_terminal:
                return job
            seen = job.status
        left = _left(patience.timeout, began)
        if left <= 0:
            break
        time.sleep(min(pause, left))
    raise WaitTimedOutError(job_id, patience.timeout or 0, seen)


def _left(timeout: float | None, began: float) -> float:
    return float("inf") if timeout is None else began + timeout - time.monotonic()
