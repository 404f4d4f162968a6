"""The watching controller: what it reads when, and what it decides."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from cutover.controller import Controller
from cutover.envoy.admin import Admin
from cutover.envoy.shares import Shares
from cutover.errors import HarnessError
from cutover.gates import Reading
from cutover.ledger import Ledger
from cutover.plan import Gate, Metric, Plan, Stage
from cutover.state import Move, Phase, Position
from cutover.watch import Watch

LIMIT_SECONDS = 20.0
UNREADY = Gate(metric=Metric.UNREADY, limit=0, interval_seconds=0.01, count=2)
PARITY = Gate(metric=Metric.DIVERGENCES, limit=0, interval_seconds=0.01, count=1)


@dataclass(frozen=True, slots=True)
class Obedient(Admin):
    """An Envoy that does as it is told."""

    told: list[Shares] = field(default_factory=list)

    def set_shares(self, shares: Shares) -> None:
        self.told.append(shares)

    def shares(self) -> Shares:
        return self.told[-1]


@dataclass(slots=True)
class Metrics:
    """What is measured: a value, an error to raise, or something to wait for."""

    said: dict[Metric, float | HarnessError | Event] = field(default_factory=dict)
    read: list[Metric] = field(default_factory=list)

    def __call__(self, metric: Metric) -> Reading:
        self.read.append(metric)
        match self.said[metric]:
            case HarnessError() as error:
                raise error
            case Event() as released:
                released.wait(LIMIT_SECONDS)
                return Reading(0.0, 1)
            case value:
                return Reading(float(value), 1)


@pytest.fixture(name="metrics")
def _metrics() -> Metrics:
    return Metrics({Metric.UNREADY: 0.0, Metric.DIVERGENCES: 0.0})


@pytest.fixture(name="watch")
def _watch(plan: Plan, tmp_path: Path, metrics: Metrics) -> Watch:
    gated = Stage(name="half", share=50, gates=("ready", "parity"))
    stages = (plan.stages[0], gated, Stage(name="all", share=100, gates=("ready", "parity")))
    plan = plan.model_copy(update={"gates": {"ready": UNREADY, "parity": PARITY}, "stages": stages})
    controller = Controller(plan, Ledger(tmp_path), Obedient("x:1"), lambda: True)
    controller.move(Move.START, by="test", reason="because")
    return Watch(controller, metrics)


def test_it_promotes_to_the_last_stage_when_all_gates_pass(watch: Watch) -> None:
    _ticks_until(watch, lambda: watch.controller.position == Position(Phase.RUNNING, 2))

    assert watch.controller.admin.shares() == Shares(100, 100)


def test_a_gate_that_fails_aborts_by_its_name_and_nothing_promotes_again(
    watch: Watch, metrics: Metrics
) -> None:
    metrics.said[Metric.DIVERGENCES] = 3.0
    _ticks_until(watch, lambda: watch.controller.position.phase is Phase.ABORTED)
    metrics.said[Metric.DIVERGENCES] = 0.0
    watch.tick()

    assert watch.controller.position.phase is Phase.ABORTED
    (abort,) = (
        e.facts for e in watch.controller.ledger.entries("move") if e.facts["move"] == "abort"
    )
    assert (abort["by"], abort["reason"]) == ("gate parity", "divergences is 3.0, over 0.0")


def test_a_harness_that_cannot_compare_holds_the_stage_and_says_why(
    watch: Watch, metrics: Metrics
) -> None:
    metrics.said[Metric.DIVERGENCES] = HarnessError("no such program")
    _ticks_until(watch, lambda: metrics.read.count(Metric.UNREADY) > UNREADY.count)

    assert watch.controller.position == Position(Phase.RUNNING, 1)
    unmeasured = watch.controller.ledger.entries("unmeasured")[0]
    assert unmeasured.facts == {"gate": "parity", "error": "no such program"}


def test_a_reading_that_takes_long_delays_no_other(watch: Watch, metrics: Metrics) -> None:
    released = Event()
    metrics.said[Metric.DIVERGENCES] = released
    _ticks_until(watch, lambda: Metric.DIVERGENCES in metrics.read)

    metrics.said[Metric.UNREADY] = 1.0
    _ticks_until(watch, lambda: watch.controller.position.phase is Phase.ABORTED)

    assert metrics.read.count(Metric.DIVERGENCES) == 1, "nor is it begun twice"
    released.set()


def _ticks_until(watch: Watch, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        watch.tick()
