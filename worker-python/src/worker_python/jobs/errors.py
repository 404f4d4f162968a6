"""Everything that can go wrong with a job, as one tree.

WorkerError
├── ConfigurationError        a setting is missing or wrong; names all of them
├── JobNotFoundError          no job has this id
├── JobNotCancellableError    the job is in a status that no cancel leaves
├── InvalidTransitionError    a move that the lifecycle does not know (a defect of ours)
├── StaleWriteError           a write that does not carry the job's current token
├── StoreUnavailableError     the job could not be kept: disk full, locked, unreachable
│   └── QuietPeriodError      not every job could be cancelled for a quiet period; says which were
├── LegacyUnavailableError    the old worker gave no proper answer in time
└── AdoptionError             the old worker's jobs cannot be taken over; says why

The domain knows no HTTP status; `api.errors` maps these.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker_python.jobs.status import JobStatus


class WorkerError(Exception):
    """Root of all errors this package raises on purpose."""


class ConfigurationError(WorkerError):
    """Settings are missing or wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


class JobNotFoundError(WorkerError):
    """No job has this id."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"no job has the id {job_id}")


class JobNotCancellableError(WorkerError):
    """The job is in a status that no cancel leaves."""

    def __init__(self, job_id: int, status: JobStatus) -> None:
        self.job_id = job_id
        self.status = status
        super().__init__(f"job {job_id} is {status} and cannot be cancelled")


class InvalidTransitionError(WorkerError):
    """A move that the lifecycle does not know."""

    def __init__(self, job_id: int, status: JobStatus, move: str) -> None:
        self.job_id = job_id
        self.status = status
        super().__init__(f"job {job_id} is {status}: it cannot {move}")


class StaleWriteError(WorkerError):
    """A write that does not carry the job's current token, or finds it moved on."""

    def __init__(self, job_id: int, token: int) -> None:
        self.job_id = job_id
        self.token = token
        super().__init__(f"job {job_id} has moved on: the write of attempt {token} is refused")


class StoreUnavailableError(WorkerError):
    """The store could not keep or read a job; nothing was started because of it."""


class QuietPeriodError(StoreUnavailableError):
    """The store failed while jobs were cancelled for a quiet period; starts go on."""

    def __init__(self, cancelled: Sequence[int], cause: WorkerError) -> None:
        self.cancelled = tuple(cancelled)
        super().__init__(f"not every job could be cancelled: {cause}")


class LegacyUnavailableError(WorkerError):
    """The old worker gave no proper answer in time."""


class AdoptionError(WorkerError):
    """The old worker's jobs cannot be taken over; nothing was written."""
