"""What is told about a job while it moves: one event a move, to whoever observes the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from worker_python.jobs.job import Job


class EventKind(StrEnum):
    """What happened to the job."""

    ENQUEUED = "enqueued"  # kept durably, waiting; seconds: None
    JOINED = "joined"  # asked for again while it waited; no job was added
    STARTED = "started"  # its process runs; seconds: from creation to start
    COMPLETED = "completed"  # seconds, here and below: run time of the attempt
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"  # the job is `failed`; told instead of FAILED
    REQUEUED = "requeued"  # the service stopped under it; it is `pending` again
    RECOVERED = "recovered"  # found `running` at start; now `failed`, or `pending` where retried
    UNSAVED = "unsaved"  # the store did not take a write; it will be tried again
    REFUSED = "refused"  # a write without the current token was turned away (see StaleWriteError)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One move of one job, after it is durable (UNSAVED and REFUSED: because it is not).

    `seconds` is a duration whose meaning `kind` gives; `error` says why, where there is a why.
    """

    kind: EventKind
    job: Job
    seconds: float | None = None
    error: str | None = None

    def fields(self) -> Mapping[str, str | int | float]:
        """Return the event flat, for a log line: keys without a value are absent."""
        job = self.job
        every = {
            "job_id": job.id,
            "report_id": job.report_id,
            "request_id": job.request_id,
            "status": str(job.status),
            "attempt": job.token or None,
            "pid": job.process.pid if job.process else None,
            "exit_code": job.exit_code,
            "seconds": None if self.seconds is None else round(self.seconds, 6),
            "error": self.error,
        }
        return {key: value for key, value in every.items() if value is not None}


class JobObserver(Protocol):
    """Hears of every move, on the event loop's thread: it must return at once."""

    def __call__(self, event: JobEvent, /) -> None:
        """Take note. What it raises goes to the loop's exception handler; no job suffers."""


def unobserved(event: JobEvent) -> None:
    """Take no note: the observer where nobody listens."""
    del event
