"""The end of a run: kept, kept with decisions, or broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence


class Verdict(StrEnum):
    """What a run says of the contract. *Cannot run* is an error, not a verdict."""

    KEPT = "kept"
    KEPT_WITH_DECISIONS = "kept with decisions"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Divergences sorted by what the decisions say of them, and decisions that need mending."""

    open: tuple[Divergence, ...] = ()
    decided: tuple[tuple[Divergence, Decision], ...] = ()
    stale: tuple[Decision, ...] = ()
    expired: tuple[Decision, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Broken by anything open, stale or expired."""
        if self.open or self.stale or self.expired:
            return Verdict.BROKEN
        return Verdict.KEPT_WITH_DECISIONS if self.decided else Verdict.KEPT


@dataclass(frozen=True, slots=True)
class RouteCoverage:
    """What was exercised of one route, on both sides."""

    route: str
    methods: tuple[str, ...]
    statuses: tuple[int, ...]
    parameters: tuple[str, ...] = ()
    exchanges: int = 0
    missing: tuple[str, ...] = ()  # what was not exercised: shown red


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per exchange of one route: median and 95th percentile, both sides."""

    route: str
    baseline_median: float
    baseline_p95: float
    candidate_median: float
    candidate_p95: float


@dataclass(frozen=True, slots=True)
class NoiseRule:
    """What the baseline against itself showed to be volatile: a type and a format, never 'ignore'.

    `path` is as in `Divergence.path`; `form` names the format it must still have
    (`iso8601-utc`, `uuid4`, `epoch-seconds`, `integer`, `opaque:LENGTH` …).
    """

    method: str
    route: str
    path: str
    form: str
    learned_from: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reporter may show."""

    baseline: str
    candidate: str
    judgement: Judgement
    coverage: tuple[RouteCoverage, ...] = ()
    noise: tuple[NoiseRule, ...] = ()
    latency: tuple[Latency, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    notes: tuple[str, ...] = ()
