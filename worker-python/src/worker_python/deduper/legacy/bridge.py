"""One worker's answers for two: list, health and clear speak for the old worker as well.

Each asks the old worker within its limit. Where that gives no proper answer, ours goes out alone,
marked `partial`, with a log line and a count. Once the old worker's jobs are adopted, nobody asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from worker_python.deduper.clear import Clearing, ClearReport
from worker_python.deduper.health import Health, HealthCheck
from worker_python.deduper.legacy.answers import LegacyClear, LegacyHealth
from worker_python.deduper.legacy.client import LegacyWorker
from worker_python.deduper.service import DeduperService, JobListing
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import LegacyUnavailableError
from worker_python.jobs.order import merged
from worker_python.jobs.ports import QuietPeriod
from worker_python.jobs.status import JobStatus
from worker_python.logs import Logger
from worker_python.metrics import Metrics

T = TypeVar("T")

PARTS = ("list", "health", "clear")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What the old worker contributes: a value, nothing, or nothing although it owes something."""

    value: T | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Bridge:
    """Asks the old worker for its part. `adopted` tells whether its jobs are ours by now."""

    legacy: LegacyWorker
    adopted: Callable[[], bool]
    metrics: Metrics
    log: Logger

    def __post_init__(self) -> None:
        for part in PARTS:  # from 0 on: an increase is not seen where a series begins at 1
            self.metrics.partial_answers.labels(part)

    async def ask(self, part: str, question: Callable[[LegacyWorker], Awaitable[T]]) -> Part[T]:
        """Return its part of an answer; `part` names it in the log and in the metrics."""
        if self.adopted():
            return Part()
        try:
            return Part(await question(self.legacy))
        except LegacyUnavailableError as error:
            self.metrics.partial_answers.labels(part).inc()
            self.log.warning("answered without the old worker", part=part, error=str(error))
            return Part(missing=True)


@dataclass(frozen=True, slots=True)
class BridgedService(DeduperService):
    """Lists the jobs of both workers in the order of their creation."""

    bridge: Bridge

    async def listing(self) -> JobListing:
        """Return all jobs of both."""
        part = await self.bridge.ask("list", LegacyWorker.jobs)
        return JobListing(merged(self.store.summaries(), part.value or ()), part.missing)


@dataclass(frozen=True, slots=True)
class BridgedHealth(HealthCheck):
    """Counts the jobs of both; unhealthy where either is."""

    bridge: Bridge

    async def health(self) -> Health:
        """Return how both are; raises `StoreUnavailableError` where ours cannot be counted."""
        part = await self.bridge.ask("health", LegacyWorker.health)
        own = await HealthCheck.health(self)
        if part.value is None:
            return replace(own, partial=part.missing)
        return replace(
            own,
            jobs=_added(own.jobs, part.value),
            legacy_healthy=part.value.status == "healthy",
        )


@dataclass(frozen=True, slots=True)
class BridgedClearing(Clearing):
    """Clears both: ours is held quiet while the old worker cancels its jobs and empties the table.

    The table is shared, so one command is enough, and it is the old worker's: its jobs may be
    started again by nobody but itself. Its output is shown. Ours is run, and shown, only where it
    gives no answer.
    """

    bridge: Bridge

    async def empty(self, quiet: QuietPeriod, command: Command) -> ClearReport:
        """Let the old worker empty the table, or do it ourselves."""
        part = await self.bridge.ask("clear", LegacyWorker.clear)
        if part.value is None:
            own = await Clearing.empty(self, quiet, command)
            return replace(own, partial=part.missing)
        return _of_both(quiet, part.value)


def _added(own: Mapping[JobStatus, int], legacy: LegacyHealth) -> Mapping[JobStatus, int]:
    return {status: own.get(status, 0) + legacy.count(status) for status in JobStatus}


def _of_both(quiet: QuietPeriod, legacy: LegacyClear) -> ClearReport:
    cancelled = sorted({*quiet.cancelled, *legacy.cancelled_jobs})
    return ClearReport(cancelled, legacy.outcome(), legacy.error)
