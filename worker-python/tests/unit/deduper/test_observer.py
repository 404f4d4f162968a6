"""Every move of a job is one line and its counts."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from worker_python.deduper.observer import LifecycleObserver
from worker_python.jobs.events import EventKind, JobEvent, unobserved
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.logs import make_logger
from worker_python.metrics import Metrics

JOB = Job(7, JobStatus.FAILED, datetime(2026, 1, 31, tzinfo=UTC), 84, "r-1", token=2)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_is_written_and_counted(kind: EventKind) -> None:
    stream, metrics = io.StringIO(), Metrics()
    observer = LifecycleObserver(make_logger("json", "info", stream=stream), metrics, unobserved)

    observer(JobEvent(kind, JOB, seconds=1.5, error="why"))

    line = json.loads(stream.getvalue())
    assert line["event"] == f"job {kind.replace('_', ' ')}"
    assert (line["job_id"], line["report_id"], line["attempt"]) == (7, 84, 2)
    assert (line["seconds"], line["error"]) == (1.5, "why")
    value = metrics.registry.get_sample_value
    assert value("worker_job_events_total", {"kind": str(kind)}) == 1
    assert value("worker_job_cancels_total") == (kind is EventKind.CANCELLED)
    assert value("worker_job_timeouts_total") == (kind is EventKind.TIMED_OUT)
    assert value("worker_job_recoveries_total") == (kind is EventKind.RECOVERED)
    assert value("worker_job_time_to_start_seconds_count") == (kind is EventKind.STARTED)


def test_only_problems_are_warnings() -> None:
    stream = io.StringIO()
    observer = LifecycleObserver(
        make_logger("json", "warning", stream=stream), Metrics(), unobserved
    )

    for kind in EventKind:
        observer(JobEvent(kind, JOB))

    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == ["job failed", "job timed out", "job recovered", "job unsaved", "job refused"]
