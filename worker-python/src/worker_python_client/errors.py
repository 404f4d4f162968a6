"""What can go wrong between a caller and the worker.

WorkerClientError
├── JobNotFoundError         no job has this id
├── JobNotCancellableError   the job had ended
├── WorkerUnavailableError   no connection, or no answer in time
├── WorkerFailedError        the worker says that it could not do it
├── WaitTimedOutError        the job had not ended in time; it goes on
└── UnexpectedAnswerError    an answer that is none of a worker's
"""

from __future__ import annotations

from collections.abc import Mapping

from worker_python_client.answers import JobStatus


class WorkerClientError(Exception):
    """Root of all errors this package raises on purpose."""


class JobNotFoundError(WorkerClientError):
    """No job has this id. The Flask worker forgets all jobs when it is started again."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"the worker knows no job {job_id}")
        self.job_id = job_id


class JobNotCancellableError(WorkerClientError):
    """The job had ended; `reason` is the worker's own sentence, which names the status."""

    def __init__(self, job_id: int, reason: str) -> None:
        super().__init__(f"job {job_id} cannot be cancelled: {reason}")
        self.job_id = job_id
        self.reason = reason


class WorkerUnavailableError(WorkerClientError):
    """No connection to the worker, or no answer in time, or a proxy says so (502, 503, 504)."""


class WorkerFailedError(WorkerClientError):
    """The worker tried and failed; `answer` is all it said, `error` among it."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        super().__init__(f"the worker failed: {answer['error']}")
        self.answer = answer


class WaitTimedOutError(WorkerClientError):
    """The job had not ended in time. It goes on, and may be waited for again.

    `status` is the last one seen, None where the worker was away all the while.
    """

    def __init__(self, job_id: int, seconds: float, status: JobStatus | None) -> None:
        seen = f"it is {status}" if status else "the worker did not answer"
        super().__init__(f"job {job_id} had not ended after {seconds:g} s: {seen}")
        self.job_id = job_id
        self.status = status


class UnexpectedAnswerError(WorkerClientError):
    """An answer that is none of a worker's: another status, no JSON, a key missing or wrong."""
