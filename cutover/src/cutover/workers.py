"""What the two workers say of themselves: health, jobs, whether one can speak for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from cutover.http import ask
from cutover.scrape import parse

TIMEOUT_SECONDS = 3.0  # a bridged answer may itself wait for the other worker
READY_TIMEOUT_SECONDS = 1.0
STATUSES = ("pending", "running", "completed", "failed", "cancelled")
JOBS = "worker_jobs"


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker from outside; `url` without a slash at the end."""

    name: str
    url: str

    def health(self) -> Mapping[str, Any] | None:
        """Return its health answer, None where it gives none worth the name."""
        answer = self._get("/deduper/health")
        return answer if isinstance(answer, dict) and _has(answer, "jobs", dict) else None

    def jobs(self) -> Mapping[str, int] | None:
        """Return how many jobs of its own it has, by status; None where it does not say.

        Its health may speak for the other worker too, its metrics never do.
        """
        own = self._jobs_in_metrics()
        if own is not None:
            return own
        health = self.health()
        return None if health is None else {s: int(health["jobs"].get(s, 0)) for s in STATUSES}

    def answers_for_both(self) -> bool:
        """Whether it answers, its list and its health in the shape that callers read."""
        return self.well_formed() is True

    def well_formed(self) -> bool | None:
        """Whether list and health have the shape that callers read; None where none came."""
        answers = [self._ask(path) for path in ("/deduper/jobs/list", "/deduper/health")]
        listed, health = [None if answer is None else _json(answer) for answer in answers]
        if None in answers:
            return None
        return _has(listed, "jobs", list) and _has(health, "jobs", dict)

    def ready(self) -> bool:
        """Whether it says it can take jobs."""
        return self._ask("/ready", READY_TIMEOUT_SECONDS) is not None

    def metrics(self) -> str | None:
        """Return its metrics in Prometheus' text format, None where it has none."""
        answer = self._ask("/metrics")
        return None if answer is None else answer.text

    def _jobs_in_metrics(self) -> Mapping[str, int] | None:
        try:
            scrape = parse(self.metrics() or "")
        except ValueError:
            return None
        if not scrape.has(JOBS):
            return None
        return {status: int(scrape.total(JOBS, status=status)) for status in STATUSES}

    def _get(self, path: str) -> object:
        answer = self._ask(path)
        return None if answer is None else _json(answer)

    def _ask(self, path: str, seconds: float = TIMEOUT_SECONDS) -> httpx.Response | None:
        try:
            answer = ask("GET", f"{self.url}{path}", timeout_seconds=seconds)
        except httpx.HTTPError:
            return None
        return answer if answer.is_success else None


def _has(document: object, key: str, kind: type) -> bool:
    return isinstance(document, dict) and isinstance(document.get(key), kind)


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None
