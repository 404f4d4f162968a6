"""What the two workers say of themselves: health, jobs, whether one can speak for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from cutover.http import ask

TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker from outside; `url` without a slash at the end."""

    name: str
    url: str

    def health(self) -> Mapping[str, Any] | None:
        """Return its health answer, None where it gives none worth the name."""
        answer = self._get("/deduper/health")
        return answer if isinstance(answer, dict) and "jobs" in answer else None

    def answers_for_both(self) -> bool:
        """Whether its list and its health have the shape that callers read."""
        jobs = self._get("/deduper/jobs/list")
        return isinstance(jobs, dict) and isinstance(jobs.get("jobs"), list) and bool(self.health())

    def ready(self) -> bool:
        """Whether it says it can take jobs."""
        return self._ask("/ready") is not None

    def metrics(self) -> str | None:
        """Return its metrics in Prometheus' text format, None where it has none."""
        answer = self._ask("/metrics")
        return None if answer is None else answer.text

    def _get(self, path: str) -> object:
        answer = self._ask(path)
        try:
            return None if answer is None else answer.json()
        except ValueError:
            return None

    def _ask(self, path: str) -> httpx.Response | None:
        try:
            answer = ask("GET", f"{self.url}{path}", timeout_seconds=TIMEOUT_SECONDS)
        except httpx.HTTPError:
            return None
        return answer if answer.is_success else None
