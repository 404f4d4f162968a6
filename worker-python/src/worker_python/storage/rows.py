"""A job as a row and back: what both stores agree on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from worker_python.jobs.job import Job, JobSummary, NewJob, ProcessIdentity
from worker_python.jobs.status import JobStatus

Value = str | int | None
"""What a column holds. Times are ISO 8601 text in UTC with microseconds, so they sort as text."""

_STATUSES = {status.value: status for status in JobStatus}


class Row(Protocol):
    """A row of either database, its columns by name."""

    def __getitem__(self, column: str, /) -> Any:  # noqa: ANN401  # a database knows no types of ours
        """Return the value of a column."""


def time_to_text(moment: datetime | None) -> str | None:
    """Write a moment so that text order is time order."""
    return None if moment is None else moment.isoformat(timespec="microseconds")


def text_to_time(text: str | None) -> datetime | None:
    """Read what `time_to_text` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def new_job_to_row(new: NewJob) -> dict[str, Value]:
    """Return the parameters of `statements.ADD`; a report id may exceed any integer column."""
    return {
        "status": JobStatus.PENDING.value,
        "created_at": time_to_text(new.created_at),
        "report_id": None if new.report_id is None else str(new.report_id),
        "request_id": _storable(new.request_id),
    }


def change_to_row(before: Job, after: Job) -> dict[str, Value]:
    """Return the parameters of `statements.REPLACE` and `statements.KEEP_OUTPUT`."""
    process = after.process
    return {
        "id": after.id,
        "status": after.status.value,
        "token": after.token,
        "marker": after.marker,
        "pid": process.pid if process else None,
        "pid_start_time": process.start_time if process else None,
        "boot_id": process.boot_id if process else None,
        "started_at": time_to_text(after.started_at),
        "completed_at": time_to_text(after.completed_at),
        "exit_code": after.exit_code,
        "error": _storable(after.error),
        "stdout": _storable(after.stdout),
        "stderr": _storable(after.stderr),
        "status_before": before.status.value,
        "token_before": before.token,
    }


def adopted_to_row(job: Job) -> dict[str, Value]:
    """Return the parameters of `statements.ADOPT` and `statements.KEEP_OUTPUT`."""
    return {
        **change_to_row(job, job),
        "created_at": time_to_text(job.created_at),
        "report_id": None if job.report_id is None else str(job.report_id),
        "request_id": _storable(job.request_id),
    }


def row_to_job(row: Row) -> Job:
    """Read a row of `statements.GET`, `NEXT_PENDING` or `WITH_STATUS`."""
    report_id = row["report_id"]
    return Job(
        id=row["id"],
        status=_STATUSES[row["status"]],
        created_at=datetime.fromisoformat(row["created_at"]),
        report_id=None if report_id is None else int(report_id),
        request_id=row["request_id"],
        token=row["token"],
        marker=row["marker"],
        process=_process(row),
        started_at=text_to_time(row["started_at"]),
        completed_at=text_to_time(row["completed_at"]),
        exit_code=row["exit_code"],
        stdout=row["stdout"],
        stderr=row["stderr"],
        error=row["error"],
    )


def to_summaries(found: Iterable[tuple[int, str, str]]) -> list[JobSummary]:
    """Read rows of `statements.SUMMARIES` or `ADOPTED`, by position: there may be 100,000."""
    return [
        JobSummary(job_id, _STATUSES[status], created_at) for job_id, status, created_at in found
    ]


def _process(row: Row) -> ProcessIdentity | None:
    if row["pid"] is None:
        return None
    return ProcessIdentity(row["pid"], row["pid_start_time"], row["boot_id"])


def _storable(text: str | None) -> str | None:
    """Replace lone surrogates (a path or an output that was no UTF-8): no database takes them."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
