"""What is told about a job: for each move a log line and counts, for each attempt a span."""

from __future__ import annotations

from dataclasses import dataclass

from worker_python.jobs.events import EventKind, JobEvent, JobObserver
from worker_python.logs import Logger
from worker_python.metrics import Metrics

_PROBLEMS = frozenset(
    {
        EventKind.FAILED,
        EventKind.TIMED_OUT,
        EventKind.RECOVERED,
        EventKind.UNSAVED,
        EventKind.REFUSED,
    }
)
_ENDS = frozenset({EventKind.COMPLETED, EventKind.FAILED, EventKind.CANCELLED, EventKind.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class LifecycleObserver:
    """Writes one line a move, counts it, and traces attempts."""

    log: Logger
    metrics: Metrics
    trace: JobObserver

    def __call__(self, event: JobEvent, /) -> None:
        """Take note of one move."""
        self._count(event)
        self.trace(event)
        write = self.log.warning if event.kind in _PROBLEMS else self.log.info
        write(f"job {event.kind.replace('_', ' ')}", **event.fields())

    def _count(self, event: JobEvent) -> None:
        metrics, kind = self.metrics, event.kind
        metrics.job_events.labels(str(kind)).inc()
        if kind is EventKind.CANCELLED:
            metrics.cancels.inc()
        elif kind is EventKind.TIMED_OUT:
            metrics.timeouts.inc()
        elif kind is EventKind.RECOVERED:
            metrics.recoveries.inc()
        if event.seconds is None:
            return
        if kind is EventKind.STARTED:
            metrics.time_to_start.observe(event.seconds)
        elif kind in _ENDS:
            metrics.run_time.labels(str(event.job.status)).observe(event.seconds)
