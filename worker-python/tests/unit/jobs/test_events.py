"""What a log line is made of."""

from __future__ import annotations

from datetime import UTC, datetime

from worker_python.jobs.events import EventKind, JobEvent
from worker_python.jobs.job import Job, ProcessIdentity
from worker_python.jobs.status import JobStatus

NEW = Job(id=1, status=JobStatus.PENDING, created_at=datetime(2024, 5, 17, tzinfo=UTC))


def test_keys_without_a_value_are_absent() -> None:
    assert JobEvent(EventKind.ENQUEUED, NEW).fields() == {"job_id": 1, "status": "pending"}


def test_everything_known_is_there_under_the_names_of_the_log() -> None:
    job = Job(
        id=7,
        status=JobStatus.FAILED,
        created_at=NEW.created_at,
        report_id=84,
        request_id="r-1",
        token=2,
        process=ProcessIdentity(pid=99, start_time=1, boot_id="boot"),
        exit_code=0,
    )
    event = JobEvent(EventKind.FAILED, job, seconds=1.23456789, error="why")

    assert event.fields() == {
        "job_id": 7,
        "report_id": 84,
        "request_id": "r-1",
        "status": "failed",
        "attempt": 2,
        "pid": 99,
        "exit_code": 0,
        "seconds": 1.234568,
        "error": "why",
    }
