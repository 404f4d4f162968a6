"""Where gates take their figures: Envoy, both workers, the machine, the harness.

Counters are compared with what they were when the gate was last read, so each reading speaks of
its own interval. What cannot be measured gives a reading without a value, which holds the stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cutover import harness, processes
from cutover.envoy.admin import Admin
from cutover.errors import EdgeError
from cutover.gates import Reading
from cutover.plan import Metric
from cutover.scrape import NOTHING, Scrape, increase, parse, quantile
from cutover.workers import WorkerView

UNKNOWN = Reading(None)
_CANDIDATE = {"envoy_cluster_name": "candidate"}
_ENDED = ("completed", "failed")


@dataclass(slots=True)
class Readings:
    """Measures metrics; `workers` are the baseline and the candidate."""

    admin: Admin
    workers: tuple[WorkerView, WorkerView]
    harness: Sequence[str] = ()
    mark: str | None = None
    _edge_before: dict[Metric, Scrape] = field(default_factory=dict)
    _candidate_before: dict[Metric, Scrape] = field(default_factory=dict)
    _baseline_before: dict[Metric, Mapping[str, int]] = field(default_factory=dict)

    def measure(self, metric: Metric) -> Reading:
        """Read one metric now.

        Raises:
            HarnessError: the harness could not compare. What else cannot be measured is no error.
        """
        return self._sources()[metric](metric)

    def _sources(self) -> Mapping[Metric, Callable[[Metric], Reading]]:
        return {
            Metric.HTTP_5XX_SHARE: self._http_5xx_share,
            Metric.CONNECTION_ERRORS: self._connection_errors,
            Metric.LATENCY_P95_MS: self._latency,
            Metric.JOB_FAILURE_SHARE_EXCESS: self._job_failure_excess,
            Metric.JOB_TIMEOUT_SHARE_EXCESS: self._job_timeout_share,
            Metric.TIME_TO_START_SECONDS: self._time_to_start,
            Metric.QUEUE_AGE_SECONDS: self._queue_age,
            Metric.ORPHANS: self._orphans,
            Metric.DOUBLE_RUNS: self._double_runs,
            Metric.DIVERGENCES: self._divergences,
            Metric.MALFORMED: self._malformed,
            Metric.UNREADY: self._unready,
        }

    # Envoy's counters have no suffix; the parser gives every counter the `_total` of OpenMetrics.
    def _http_5xx_share(self, metric: Metric) -> Reading:
        before, now = self._edge(metric)
        name = "envoy_cluster_upstream_rq_xx_total"
        classes = {
            code: increase(
                before.total(name, envoy_response_code_class=code, **_CANDIDATE),
                now.total(name, envoy_response_code_class=code, **_CANDIDATE),
            )
            for code in "12345"
        }
        answers = sum(classes.values())
        return Reading(classes["5"] / answers if answers else 0.0, int(answers))

    def _connection_errors(self, metric: Metric) -> Reading:
        before, now = self._edge(metric)
        names = (
            "envoy_cluster_upstream_cx_connect_fail_total",
            "envoy_cluster_upstream_cx_destroy_remote_with_active_rq_total",
            "envoy_cluster_upstream_rq_timeout_total",
        )
        errors = sum(
            increase(before.total(name, **_CANDIDATE), now.total(name, **_CANDIDATE))
            for name in names
        )
        return Reading(errors, self._requests(before, now))

    def _latency(self, metric: Metric) -> Reading:
        before, now = self._edge(metric)
        name = "envoy_cluster_upstream_rq_time"
        buckets = before.buckets(name, **_CANDIDATE), now.buckets(name, **_CANDIDATE)
        return Reading(quantile(*buckets, 0.95), self._requests(before, now))

    def _job_failure_excess(self, metric: Metric) -> Reading:
        before, now = self._candidate(metric)
        ended = {
            status: increase(
                before.total("worker_job_events_total", kind=status),
                now.total("worker_job_events_total", kind=status),
            )
            for status in _ENDED
        }
        if now is NOTHING:
            return UNKNOWN
        samples = int(sum(ended.values()))
        share = ended["failed"] / samples if samples else 0.0
        return Reading(max(0.0, share - self._baseline_failure_share(metric)), samples)

    def _job_timeout_share(self, metric: Metric) -> Reading:
        # The legacy worker has no timeout, so its share is 0 and the excess is the share itself.
        before, now = self._candidate(metric)
        if now is NOTHING:
            return UNKNOWN
        name = "worker_job_timeouts_total"
        timeouts = increase(before.total(name), now.total(name))
        ended = sum(
            increase(
                before.total("worker_job_events_total", kind=kind),
                now.total("worker_job_events_total", kind=kind),
            )
            for kind in (*_ENDED, "timed_out")
        )
        return Reading(timeouts / ended if ended else 0.0, int(ended))

    def _time_to_start(self, metric: Metric) -> Reading:
        before, now = self._candidate(metric)
        name = "worker_job_time_to_start_seconds"
        samples = increase(before.total(f"{name}_count"), now.total(f"{name}_count"))
        return Reading(quantile(before.buckets(name), now.buckets(name), 0.95), int(samples))

    def _queue_age(self, metric: Metric) -> Reading:
        _, now = self._candidate(metric)
        return UNKNOWN if now is NOTHING else Reading(now.total("worker_queue_age_seconds"), 1)

    def _orphans(self, metric: Metric) -> Reading:
        _, now = self._candidate(metric)
        if now is NOTHING or (trees := processes.attempt_trees(self.mark)) is None:
            return UNKNOWN
        return Reading(max(0.0, len(trees) - now.total("worker_active_jobs")), 1)

    def _double_runs(self, _: Metric) -> Reading:
        trees = processes.attempt_trees(self.mark)
        if trees is None:
            return UNKNOWN
        jobs = list(trees.values())
        return Reading(float(len(jobs) - len(set(jobs))), 1)

    def _divergences(self, _: Metric) -> Reading:
        if not self.harness:
            return UNKNOWN
        judged = harness.judge(self.harness)
        return Reading(float(judged.undecided), judged.exchanges)

    def _malformed(self, _: Metric) -> Reading:
        well_formed = self.workers[1].well_formed()
        return UNKNOWN if well_formed is None else Reading(float(not well_formed), 1)

    def _unready(self, _: Metric) -> Reading:
        return Reading(0.0 if self.workers[1].ready() else 1.0, 1)

    def _edge(self, metric: Metric) -> tuple[Scrape, Scrape]:
        try:
            now = parse(self.admin.metrics())
        except EdgeError:
            now = NOTHING
        return _kept(self._edge_before, metric, now)

    def _candidate(self, metric: Metric) -> tuple[Scrape, Scrape]:
        text = self.workers[1].metrics()
        return _kept(self._candidate_before, metric, NOTHING if text is None else _parsed(text))

    def _baseline_failure_share(self, metric: Metric) -> float:
        health = self.workers[0].health() or {}
        now: Mapping[str, int] = health.get("jobs", {})
        before = self._baseline_before.get(metric, now)
        self._baseline_before[metric] = now
        ended = {s: increase(before.get(s, 0), now.get(s, 0)) for s in _ENDED}
        total = sum(ended.values())
        return ended["failed"] / total if total else 0.0

    def _requests(self, before: Scrape, now: Scrape) -> int:
        name = "envoy_cluster_upstream_rq_completed_total"
        return int(increase(before.total(name, **_CANDIDATE), now.total(name, **_CANDIDATE)))


def _parsed(text: str) -> Scrape:
    """Return a scrape; nothing where the answer is none, which holds the stage like no answer."""
    try:
        return parse(text)
    except ValueError:
        return NOTHING


def _kept(memory: dict[Metric, Scrape], metric: Metric, now: Scrape) -> tuple[Scrape, Scrape]:
    before = memory.get(metric, now)
    if now is not NOTHING:
        memory[metric] = now
    return before, now
