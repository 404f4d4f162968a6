"""The end of a run: kept, kept with decisions, or broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Evidence


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
class TrapNote:
    """What a report says of a trap: `cure` is FastAPI code, `client_view` one sentence."""

    title: str
    cure: str
    client_view: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reporter may show.

    `evidence` is keyed by a divergence's fingerprint (first sighting), `traps` by trap id; both
    may be empty, and a reporter then shows less. `finished` is in UTC.
    """

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
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    traps: Mapping[str, TrapNote] = field(default_factory=dict)
    finished: datetime | None = None
