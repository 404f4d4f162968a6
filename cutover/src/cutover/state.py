"""Where a cutover stands: a pure fold over what the ledger holds.

    idle ──start──▶ running ──promote──▶ … ──▶ running at 100 % ──retire──▶ retired
                     │  ▲ ▲
               pause │  │ └──────────retry─────────┐
                     ▼  │ promote                  │
                    paused ──abort | rollback──▶ aborted   (latched: nothing but a retry leaves it)

No clock and no file: the ledger gives the entries, the controller keeps what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from cutover.errors import MoveError


class Phase(StrEnum):
    """Where a cutover stands."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    ABORTED = "aborted"
    RETIRED = "retired"


class Move(StrEnum):
    """What can be done to a cutover; the verbs of the command line."""

    START = "start"
    PROMOTE = "promote"
    PAUSE = "pause"
    ABORT = "abort"  # by a gate, or by a person who saw what no gate sees
    ROLLBACK = "rollback"  # by a person, with nothing wrong
    RETRY = "retry"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Position:
    """Phase and stage; `stage` is an index into the plan's stages."""

    phase: Phase = Phase.IDLE
    stage: int = 0


_FROM = {
    Move.START: (Phase.IDLE,),
    Move.PROMOTE: (Phase.RUNNING, Phase.PAUSED),
    Move.PAUSE: (Phase.RUNNING,),
    Move.ABORT: (Phase.RUNNING, Phase.PAUSED),
    Move.ROLLBACK: (Phase.RUNNING, Phase.PAUSED),
    Move.RETRY: (Phase.ABORTED,),
    Move.RETIRE: (Phase.RUNNING,),
}


def after(position: Position, move: Move, *, last_stage: int) -> Position:
    """Return where a move leads.

    Raises:
        MoveError: the move does not fit; the message names those that do.
    """
    if position.phase not in _FROM[move]:
        fitting = ", ".join(m for m in Move if position.phase in _FROM[m]) or "none"
        raise MoveError(
            f"the cutover is {position.phase}: {move} does not fit, but {fitting} would"
        )
    match move:
        case Move.START | Move.RETRY:
            return Position(Phase.RUNNING, 0)
        case Move.PROMOTE if position.phase is Phase.PAUSED:
            return replace(position, phase=Phase.RUNNING)
        case Move.PROMOTE:
            return _next_stage(position, last_stage)
        case Move.PAUSE:
            return replace(position, phase=Phase.PAUSED)
        case Move.ABORT | Move.ROLLBACK:
            return replace(position, phase=Phase.ABORTED)
        case Move.RETIRE:
            return _retired(position, last_stage)


def fold(moves: Iterable[Move], *, last_stage: int) -> Position:
    """Return where a cutover stands after all its moves."""
    position = Position()
    for move in moves:
        position = after(position, move, last_stage=last_stage)
    return position


def _next_stage(position: Position, last_stage: int) -> Position:
    if position.stage == last_stage:
        raise MoveError("the last stage is reached: retire the baseline, or roll back")
    return replace(position, stage=position.stage + 1)


def _retired(position: Position, last_stage: int) -> Position:
    if position.stage != last_stage:
        raise MoveError("the baseline can be retired at the last stage only")
    return replace(position, phase=Phase.RETIRED)
