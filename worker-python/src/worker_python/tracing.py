"""One OpenTelemetry span an attempt, beside FastAPI's own spans of requests.

Without a provider (see `OTEL_EXPORTER_OTLP_ENDPOINT` in `.env.example`) a span costs nothing and
goes nowhere.
"""

from __future__ import annotations

from opentelemetry.trace import StatusCode, Tracer, get_tracer

from worker_python.jobs.events import EventKind, JobEvent

_ENDS = frozenset(
    {
        EventKind.COMPLETED,
        EventKind.FAILED,
        EventKind.CANCELLED,
        EventKind.TIMED_OUT,
        EventKind.REQUEUED,
    }
)


class AttemptTracer:
    """Makes the span of an attempt when it has ended; its attributes are those of the log line."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or get_tracer("worker_python")

    def __call__(self, event: JobEvent, /) -> None:
        """Take note of one move."""
        started = event.job.started_at
        if event.kind not in _ENDS or started is None or event.seconds is None:
            return
        start = int(started.timestamp() * 1e9)
        span = self._tracer.start_span(
            "deduper attempt",
            start_time=start,
            attributes={f"job.{name}": value for name, value in event.fields().items()},
        )
        if event.kind in (EventKind.FAILED, EventKind.TIMED_OUT):
            span.set_status(StatusCode.ERROR, event.error)
        span.end(end_time=start + int(event.seconds * 1e9))
