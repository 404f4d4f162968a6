"""What a run tells while it runs: the only coupling between it and those who show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parity_harness.model.contract import Scenario
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import Report


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Both targets are known; nothing was sent yet."""

    baseline: str
    candidate: str
    seed: int


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A part of the run begins; `total` requests are planned, None where nobody can know."""

    name: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """So many requests of the phase are done."""

    done: int


@dataclass(frozen=True, slots=True)
class ExchangeCompared:
    """Both sides answered one probe; `divergences` is empty where they agree."""

    baseline: Exchange
    candidate: Exchange
    divergences: tuple[Divergence, ...] = ()


@dataclass(frozen=True, slots=True)
class DivergenceFound:
    """A difference that was not seen before in this run."""

    divergence: Divergence


@dataclass(frozen=True, slots=True)
class ScenarioFinished:
    """All steps of a scenario were sent, or it was given up with a note."""

    scenario: Scenario
    divergences: tuple[Divergence, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of the report should know; never a verdict."""

    text: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The end, reached or interrupted."""

    report: Report


Event = (
    RunStarted
    | PhaseStarted
    | Progress
    | ExchangeCompared
    | DivergenceFound
    | ScenarioFinished
    | Note
    | RunFinished
)

Listener = Callable[[Event], None]
