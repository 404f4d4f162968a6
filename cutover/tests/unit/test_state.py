"""Where moves lead, and which do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.errors import MoveError
from cutover.state import Move, Phase, Position, after, fold

LAST = 2


def test_promotions_lead_to_the_last_stage_and_no_further() -> None:
    assert fold([Move.START, Move.PROMOTE, Move.PROMOTE], last_stage=LAST) == Position(
        Phase.RUNNING, LAST
    )
    with pytest.raises(MoveError, match="retire the baseline, or roll back"):
        fold([Move.START, *[Move.PROMOTE] * 3], last_stage=LAST)


def test_leaving_a_pause_stays_at_the_stage() -> None:
    moves = [Move.START, Move.PROMOTE, Move.PAUSE, Move.PROMOTE]

    assert fold(moves, last_stage=LAST) == Position(Phase.RUNNING, 1)


@pytest.mark.parametrize("move", [Move.ABORT, Move.ROLLBACK])
def test_aborted_stays_aborted_until_a_retry_begins_again(move: Move) -> None:
    aborted = fold([Move.START, Move.PROMOTE, move], last_stage=LAST)

    for other in set(Move) - {Move.RETRY}:
        with pytest.raises(MoveError, match="but retry would"):
            after(aborted, other, last_stage=LAST)
    assert after(aborted, Move.RETRY, last_stage=LAST) == Position(Phase.RUNNING, 0)


def test_the_baseline_is_retired_at_the_last_stage_only() -> None:
    with pytest.raises(MoveError, match="at the last stage only"):
        fold([Move.START, Move.RETIRE], last_stage=LAST)
    moves = [Move.START, Move.PROMOTE, Move.PROMOTE, Move.RETIRE]
    assert fold(moves, last_stage=LAST).phase is Phase.RETIRED


@given(st.lists(st.sampled_from(Move), max_size=30))
def test_whatever_is_asked_the_stage_exists_and_the_latch_holds(moves: list[Move]) -> None:
    position = Position()
    for move in moves:
        before = position
        try:
            position = after(position, move, last_stage=LAST)
        except MoveError:
            continue
        assert 0 <= position.stage <= LAST
        if before.phase is Phase.ABORTED:
            assert move is Move.RETRY
