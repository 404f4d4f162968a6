"""The span of an attempt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.trace import NonRecordingSpan, NoOpTracer, StatusCode
from opentelemetry.trace.span import INVALID_SPAN_CONTEXT, Span

from worker_python.jobs.events import EventKind, JobEvent
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.tracing import AttemptTracer

STARTED = datetime(2026, 1, 31, tzinfo=UTC)
JOB = Job(7, JobStatus.FAILED, STARTED, 84, "r-1", token=2, started_at=STARTED)


class RecordedSpan(NonRecordingSpan):
    def __init__(self, name: str, start_time: int, attributes: Any) -> None:  # noqa: ANN401  as OpenTelemetry has it
        super().__init__(INVALID_SPAN_CONTEXT)
        self.name, self.start, self.attributes = name, start_time, attributes
        self.status: tuple[Any, ...] = ()
        self.finish = 0

    def set_status(self, *status: Any) -> None:  # noqa: ANN401  only noted
        self.status = status

    def end(self, end_time: int | None = None) -> None:
        self.finish = end_time or 0


class RecordingTracer(NoOpTracer):
    def __init__(self) -> None:
        self.spans: list[RecordedSpan] = []

    def start_span(self, name: str, **options: Any) -> Span:  # type: ignore[override]  # noqa: ANN401  only noted
        self.spans.append(RecordedSpan(name, **options))
        return self.spans[-1]


def test_an_attempt_that_failed_is_a_span_with_an_error() -> None:
    tracer = RecordingTracer()

    AttemptTracer(tracer)(JobEvent(EventKind.TIMED_OUT, JOB, seconds=1.5, error="too long"))

    (span,) = tracer.spans
    assert span.name == "deduper attempt"
    assert span.finish - span.start == 1_500_000_000
    assert (span.attributes["job.job_id"], span.attributes["job.attempt"]) == (7, 2)
    assert span.status == (StatusCode.ERROR, "too long")


@pytest.mark.parametrize("kind", [EventKind.ENQUEUED, EventKind.STARTED, EventKind.UNSAVED])
def test_other_moves_are_none(kind: EventKind) -> None:
    tracer = RecordingTracer()

    AttemptTracer(tracer)(JobEvent(kind, JOB, seconds=1.5))

    assert tracer.spans == []
    AttemptTracer()(JobEvent(EventKind.COMPLETED, JOB, seconds=1.5))
