"""The client: one method a request, every failure an error of one tree."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import httpx

from worker_python_client import endpoints
from worker_python_client.answers import Cancelled, Cleared, Created, Health, Job, JobList
from worker_python_client.connection import Connection
from worker_python_client.waiting import Patience, until_terminal

DEFAULT_URL: Final = "http://127.0.0.1:8000"


class WorkerClient:
    """Asks one worker, over connections it keeps; a context manager that closes them.

    Every method raises `WorkerUnavailableError` and `UnexpectedAnswerError`, `WorkerFailedError`
    where the worker answers 500 and says why, and ValueError for a negative id.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        timeout_seconds: float = 10.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare to ask the worker at `url`; nothing is sent yet.

        Args:
            url: with or without a path, with or without a slash at its end.
            timeout_seconds: for connecting, and for an answer; a cancel may take 20 s more, a
                clear two minutes.
            transport: instead of the network, for tests.

        Raises:
            ValueError: no http or https URL.
        """
        self._timeout = timeout_seconds
        self._connection = Connection(url, transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def create(self, report_id: int | None = None) -> Created:
        """Ask for a run over the articles of a report, or over those of the worker's CSV.

        Never repeated unasked: where no answer came, the job may have been created or not.
        """
        if report_id is None:
            return self._connection.ask(endpoints.CREATE, self._timeout)
        return self._connection.ask(endpoints.CREATE_FOR_REPORT, self._timeout, report_id=report_id)

    def job(self, job_id: int) -> Job:
        """Return a job; raises `JobNotFoundError`."""
        return self._connection.ask(endpoints.DETAIL, self._timeout, job_id=job_id)

    def jobs(self) -> JobList:
        """Return all jobs, oldest first."""
        return self._connection.ask(endpoints.LIST, self._timeout)

    def cancel(self, job_id: int) -> Cancelled:
        """Cancel a job that is pending or running.

        Raises:
            JobNotFoundError: no such job.
            JobNotCancellableError: it had ended.
        """
        return self._connection.ask(endpoints.CANCEL, self._timeout, job_id=job_id)

    def health(self) -> Health:
        """Return whether the worker can reach the deduper, and how many jobs there are."""
        return self._connection.ask(endpoints.HEALTH, self._timeout)

    def clear(self) -> Cleared:
        """Cancel all jobs and empty the deduper's table; `WorkerFailedError` has all it said."""
        return self._connection.ask(endpoints.CLEAR, self._timeout)

    def wait_for(
        self,
        job_id: int,
        *,
        timeout: float | None = 3600.0,
        on_status: Callable[[Job], None] = lambda _: None,
    ) -> Job:
        """Wait until a job has ended, whichever way, and return it.

        Args:
            job_id: of a job in any status.
            timeout: in seconds; None waits for ever.
            on_status: told the job at first, and whenever its status is another.

        Raises:
            JobNotFoundError: no such job, or the worker has forgotten it.
            WaitTimedOutError: it had not ended in time; it goes on.
            WorkerUnavailableError: the worker was away for 15 s; less is lived through.
        """

        def ask(seconds: float) -> Job:
            limit = min(seconds, self._timeout)
            return self._connection.ask(endpoints.DETAIL, limit, job_id=job_id)

        return until_terminal(job_id, ask, Patience(timeout), on_status)
