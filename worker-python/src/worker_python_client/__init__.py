"""A typed client of the deduper's worker, for scripts and agents; `dedupe` is its command line.

It speaks to the Flask worker and to the FastAPI worker alike, and imports neither.
"""

from worker_python_client.answers import (
    Cancelled,
    Cleared,
    Created,
    Health,
    Job,
    JobList,
    JobStatus,
    JobSummary,
)
from worker_python_client.client import DEFAULT_URL, WorkerClient
from worker_python_client.errors import (
    JobNotCancellableError,
    JobNotFoundError,
    UnexpectedAnswerError,
    WaitTimedOutError,
    WorkerClientError,
    WorkerFailedError,
    WorkerUnavailableError,
)

__all__ = [
    "DEFAULT_URL",
    "Cancelled",
    "Cleared",
    "Created",
    "Health",
    "Job",
    "JobList",
    "JobNotCancellableError",
    "JobNotFoundError",
    "JobStatus",
    "JobSummary",
    "UnexpectedAnswerError",
    "WaitTimedOutError",
    "WorkerClient",
    "WorkerClientError",
    "WorkerFailedError",
    "WorkerUnavailableError",
]
