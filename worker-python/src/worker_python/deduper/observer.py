"""What is told about a job: a log line and the counts of the metrics for each of its moves."""

from __future__ import annotations

from dataclasses import dataclass

from worker_python.jobs.events import EventKind, JobEvent
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
    """Writes one line a move and counts it."""

    log: Logger
    metrics: Metrics

    def __call__(self, event: JobEvent, /) -> None:
        """Take note of one move."""
        self._count(event)
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
