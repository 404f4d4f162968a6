"""What Envoy is told at each move, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cutover.controller import Controller, in_force
from cutover.envoy.admin import Admin
from cutover.envoy.shares import Shares
from cutover.errors import EdgeError
from cutover.ledger import Ledger
from cutover.plan import Plan
from cutover.state import Move

WAY_UP = (Move.START, Move.PROMOTE, Move.PROMOTE)


@dataclass(frozen=True, slots=True)
class Told(Admin):
    """An Envoy that remembers what it was told; `deaf` while it does not answer."""

    said: list[Shares] = field(default_factory=list)
    deaf: list[bool] = field(default_factory=list)

    def set_shares(self, shares: Shares) -> None:
        if self.deaf:
            raise EdgeError("Envoy does not answer")
        self.said.append(shares)

    def shares(self) -> Shares:
        return self.said[-1] if self.said else Shares(0, 0)


@pytest.fixture(name="envoy")
def _envoy() -> Told:
    return Told("127.0.0.1:1")


@pytest.fixture(name="controller")
def _controller(plan: Plan, tmp_path: Path, envoy: Told) -> Controller:
    return Controller(plan, Ledger(tmp_path), envoy, candidate_answers=lambda: True)


@pytest.fixture(name="go")
def _go(controller: Controller) -> Callable[..., None]:
    def go(*moves: Move) -> None:
        for move in moves:
            controller.move(move, by="test", reason="because")

    return go


def test_creates_and_what_both_could_answer_go_over_stage_by_stage(
    go: Callable[..., None], envoy: Told
) -> None:
    go(*WAY_UP)

    assert envoy.said == [Shares(0, 0), Shares(50, 100), Shares(100, 100)]


def test_an_abort_takes_the_creates_away_before_it_asks_anybody(
    controller: Controller, go: Callable[..., None], envoy: Told
) -> None:
    go(*WAY_UP)
    order: list[object] = []

    def ask() -> bool:
        order.append(list(envoy.said))
        return True

    asking = replace(controller, candidate_answers=ask)
    asking.move(Move.ABORT, by="test", reason="because")

    seen_when_asked = order[0]
    assert isinstance(seen_when_asked, list)
    assert seen_when_asked[-1] == Shares(0, 0)


def test_legacy_ids_go_over_when_the_baseline_is_retired_and_its_jobs_are_adopted(
    controller: Controller, go: Callable[..., None], envoy: Told
) -> None:
    go(*WAY_UP)

    replace(controller, adopted=lambda: True).move(Move.RETIRE, by="test", reason="because")

    assert envoy.said[-1] == Shares(100, 100, legacy_ids=100)
    assert not controller.reconcile(), "what was adopted stays adopted, whoever looks next"
    envoy.said.append(Shares(0, 0))
    assert controller.reconcile()
    assert envoy.said[-1] == Shares(100, 100, legacy_ids=100)


def test_without_adoption_legacy_ids_stay_with_the_baseline(
    go: Callable[..., None], envoy: Told
) -> None:
    go(*WAY_UP, Move.RETIRE)

    assert envoy.said[-1] == Shares(100, 100, legacy_ids=0)


def test_the_ledger_knows_the_shares_in_force(
    controller: Controller, go: Callable[..., None], envoy: Told
) -> None:
    assert in_force(controller.ledger) == Shares(0, 0)
    go(*WAY_UP)
    assert in_force(controller.ledger) == Shares(100, 100)

    envoy.deaf.append(True)
    with pytest.raises(EdgeError):
        go(Move.ROLLBACK)

    assert in_force(controller.ledger) == Shares(100, 100), (
        "what Envoy did not hear is not in force"
    )
