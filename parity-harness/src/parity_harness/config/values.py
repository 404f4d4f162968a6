"""The configuration of a run, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from parity_harness.model.divergence import Strictness
from parity_harness.targets.making import Over, Side
from parity_harness.targets.spec import Kind, parse


@dataclass(frozen=True, slots=True)
class Config:
    """All that a run can be told.

    `budget` and `timeout` are seconds, the latter for one answer. `zero_configuration` says
    whether probes and sequences are made from the inventory, `generated` how many of them
    Hypothesis makes besides. `latency_ratio` fails routes whose median is that many times the
    baseline's. `strictness` is by route, `ignored` are reasons by route. A run that `is_partial`
    calls no decision stale.
    """

    baseline: Side
    candidate: Side
    over: Over = Over.PROCESS
    budget: float | None = None
    seed: int = 0
    timeout: float = 10.0
    scenarios: tuple[Path, ...] = ()
    decisions: Path | None = None
    zero_configuration: bool = True
    generated: int = 100
    latency_ratio: float | None = None
    strictness: Mapping[str, Strictness] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    is_partial: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both sides, the baseline first."""
        return self.baseline, self.candidate

    @property
    def can_start_afresh(self) -> bool:
        """Whether both sides can be put back to a fresh state: not so what already runs."""
        return Kind.URL not in [side.spec.kind for side in self.sides]


def of_targets(baseline: str, candidate: str, root: Path) -> Config:
    """Return the configuration of two targets; apps are looked for below `root`.

    Raises:
        ConfigurationError: a target is not written in one of the known ways.
    """
    return Config(side_of(baseline, root), side_of(candidate, root))


def with_targets(config: Config, baseline: str | None, candidate: str | None, root: Path) -> Config:
    """Return a configuration with one or both targets replaced; their environment stays."""

    def changed(side: Side, target: str | None) -> Side:
        return replace(side, spec=side_of(target, root).spec) if target else side

    return replace(
        config,
        baseline=changed(config.baseline, baseline),
        candidate=changed(config.candidate, candidate),
    )


def side_of(target: str, root: Path) -> Side:
    """Return a side with nothing but its target; apps and files are looked for below `root`."""
    spec = parse(target)
    if spec.is_app:
        spec = replace(spec, folder=root / (spec.folder or "."))
    elif spec.kind is Kind.RECORDING:
        spec = replace(spec, where=str(root / spec.where))
    return Side(spec)
