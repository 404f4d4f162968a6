"""The only code that moves a job.

    pending ──claim──▶ running ──settle──▶ completed | failed | cancelled
       │                  │
       ├──cancel──▶ cancelled
       ├──reject──▶ failed            (it could never start: configuration)
       └◀────────requeue──┘           (its attempt was lost and may be repeated)

Every function returns a new `Job` and writes nothing; the store keeps it, on the condition that
the job it came from is still the one that is kept. A terminal status admits no move.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import InvalidTransitionError
from worker_python.jobs.job import Job, ProcessIdentity
from worker_python.jobs.status import JobStatus

_WHY = {
    Ending.TIMED_OUT: "it ran longer than it may, and was stopped",
    Ending.SHUT_DOWN: "the service was stopped before it had ended",
    Ending.NOT_STARTED: "it could not be started",
    Ending.LOST: "the service ended unexpectedly while it ran",
}


def claim(job: Job, *, marker: str, now: datetime) -> Job:
    """Start the next attempt of a pending job; its token is one higher than the last."""
    _require(job, JobStatus.PENDING, "be claimed")
    return replace(
        job,
        status=JobStatus.RUNNING,
        token=job.token + 1,
        marker=marker,
        process=None,
        started_at=now,
    )


def spawned(job: Job, process: ProcessIdentity) -> Job:
    """Note which process the running attempt is."""
    _require(job, JobStatus.RUNNING, "have a process")
    return replace(job, process=process)


def settle(job: Job, outcome: Outcome, *, now: datetime) -> Job:
    """End a running job as its attempt ended.

    It gets an `error` where its process did not end by itself and nobody cancelled it, and keeps
    its start only where there was a process.
    """
    _require(job, JobStatus.RUNNING, "be settled")
    return replace(
        job,
        status=_status_after(outcome),
        completed_at=now,
        exit_code=outcome.exit_code,
        stdout=outcome.stdout,
        stderr=outcome.stderr,
        error=outcome.error or _WHY.get(outcome.ending),
        started_at=job.started_at if had_process(outcome) else None,
    )


def cancel(job: Job, *, now: datetime) -> Job:
    """Cancel a job that has not started; it never will."""
    _require(job, JobStatus.PENDING, "be cancelled without an attempt")
    return replace(job, status=JobStatus.CANCELLED, completed_at=now)


def reject(job: Job, error: str, *, now: datetime) -> Job:
    """Fail a pending job that can never start."""
    _require(job, JobStatus.PENDING, "be rejected")
    return replace(job, status=JobStatus.FAILED, completed_at=now, error=error)


def requeue(job: Job) -> Job:
    """Put a job whose attempt was lost back in line; its token stays, the next claim raises it."""
    _require(job, JobStatus.RUNNING, "be put back in line")
    return replace(job, status=JobStatus.PENDING, marker=None, process=None, started_at=None)


def had_process(outcome: Outcome) -> bool:
    """Whether the attempt got as far as a process; of a lost one it is assumed."""
    if outcome.ending is Ending.NOT_STARTED:
        return False
    return outcome.ending is Ending.LOST or outcome.stdout is not None


def _require(job: Job, status: JobStatus, move: str) -> None:
    if job.status is not status:
        raise InvalidTransitionError(job.id, job.status, move)


def _status_after(outcome: Outcome) -> JobStatus:
    if outcome.ending is Ending.CANCELLED:
        return JobStatus.CANCELLED
    if outcome.ending is Ending.EXITED and outcome.exit_code == 0:
        return JobStatus.COMPLETED
    return JobStatus.FAILED
