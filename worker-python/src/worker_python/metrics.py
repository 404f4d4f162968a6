"""Prometheus metrics, in a registry of each application's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from worker_python.jobs.events import EventKind

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
UNMATCHED = "unmatched"

_START_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1800, 7200)
_RUN_BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400)
_HTTP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30)


class Metrics:
    """What the service counts and measures; names begin with `worker_`, durations are seconds."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._jobs = Gauge("worker_jobs", "Kept jobs.", ["status"], registry=registry)
        self._active = Gauge("worker_active_jobs", "Attempts running now.", registry=registry)
        self._queue_age = Gauge(
            "worker_queue_age_seconds",
            "Age of the pending job that has waited longest, 0 where none waits.",
            registry=registry,
        )
        self.job_events = Counter(
            "worker_job_events", "Moves of jobs, by kind.", ["kind"], registry=registry
        )
        for kind in EventKind:  # from 0 on: an increase is not seen where a series begins at 1
            self.job_events.labels(str(kind))
        self.cancels = Counter("worker_job_cancels", "Jobs cancelled.", registry=registry)
        self.timeouts = Counter("worker_job_timeouts", "Jobs out of time.", registry=registry)
        self.recoveries = Counter(
            "worker_job_recoveries", "Jobs found running after a crash.", registry=registry
        )
        self.partial_answers = Counter(
            "worker_partial_answers",
            "Answers without the part of the old worker, which gave none in time.",
            ["part"],
            registry=registry,
        )
        self.time_to_start = Histogram(
            "worker_job_time_to_start_seconds",
            "From a job's creation to its process.",
            buckets=_START_BUCKETS,
            registry=registry,
        )
        self.run_time = Histogram(
            "worker_job_run_seconds",
            "From a job's process to its end.",
            ["status"],
            buckets=_RUN_BUCKETS,
            registry=registry,
        )
        self._http = _HttpMetrics(registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one HTTP answer; an unknown method is counted as `OTHER`."""
        self._http.answered(route, method if method in METHODS else "OTHER", status, seconds)

    def expose(self, jobs: Mapping[str, int], *, active: int, queue_age: float) -> bytes:
        """Return the exposition text, with the gauges at these values."""
        for status, count in jobs.items():
            self._jobs.labels(status).set(count)
        self._active.set(active)
        self._queue_age.set(queue_age)
        return generate_latest(self.registry)

    @contextmanager
    def served(self, host: str, port: int, *, active: Callable[[], int]) -> Iterator[int]:
        """Show what a process without routes counts, in a thread; yield the port it took.

        The jobs of the whole database are left out: a process that answers for them tells.

        Args:
            host: the address to listen on.
            port: 0 takes a free one.
            active: how many attempts run in this process.

        Raises:
            OSError: the port cannot be had.
        """
        self.registry.unregister(self._jobs)
        self.registry.unregister(self._queue_age)
        self._active.set_function(active)
        server, thread = start_http_server(port, host, self.registry)
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _HttpMetrics:
    """Counts answers; keeps the labelled children, whose lookup costs more than the count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "worker_http_requests",
            "Answers.",
            ["route", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "worker_http_request_seconds",
            "From a request's first byte to its answer's last.",
            ["route"],
            buckets=_HTTP_BUCKETS,
            registry=registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        key = (route, method, status)
        children = self._children.get(key)
        if children is None:
            children = (self._requests.labels(*key), self._seconds.labels(route))
            self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)
