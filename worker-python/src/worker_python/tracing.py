"""One OpenTelemetry span an attempt, beside FastAPI's own spans of requests.

Without a provider (see `OTEL_EXPORTER_OTLP_ENDPOINT` in `.env.example`) a span costs nothing and
goes nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry.trace import StatusCode, Tracer, get_tracer, set_tracer_provider

from worker_python.jobs.events import EventKind, JobEvent

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

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


@contextmanager
def exported(warn: Callable[[str], None]) -> Iterator[None]:
    """Send spans where OpenTelemetry's variables say, as FastAPI does in the process that serves.

    Without the extra `otel` nothing is sent, and `warn` is told so.
    """
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  # an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        warn(f"no traces are sent: pip install 'worker-python[otel]' ({error})")
        yield
        return
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()  # sends what is left
