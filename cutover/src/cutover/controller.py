"""Moves a cutover: decide, write it down, then tell Envoy.

Every verb goes through `Controller.move`, whether a person or a gate said it, and works with or
without a watching controller: the ledger is the state, so nothing is lost with a process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from cutover.envoy.admin import Admin
from cutover.envoy.shares import NOTHING, Shares
from cutover.errors import EdgeError, MoveError
from cutover.ledger import Ledger
from cutover.plan import Plan, Stage
from cutover.state import Move, Phase, Position, after, fold


def not_adopted() -> bool:
    """Say that nobody knows of the candidate having adopted the baseline's jobs."""
    return False


@dataclass(frozen=True, slots=True)
class Controller:
    """One cutover: its plan, its log, its edge.

    `candidate_answers` tells whether the candidate can speak for both workers right now,
    `adopted` whether it answers for every job the baseline ever had; that is asked once, when the
    baseline is retired.
    """

    plan: Plan
    ledger: Ledger
    admin: Admin
    candidate_answers: Callable[[], bool]
    adopted: Callable[[], bool] = not_adopted

    @property
    def position(self) -> Position:
        """Where the cutover stands, from the ledger."""
        moves = [Move(str(entry.facts["move"])) for entry in self.ledger.entries("move")]
        return fold(moves, last_stage=self.last_stage)

    @property
    def last_stage(self) -> int:
        """The index of the stage at 100 %."""
        return len(self.plan.stages) - 1

    @property
    def stage(self) -> Stage:
        """The stage the cutover stands at."""
        return self.plan.stages[self.position.stage]

    def move(self, move: Move, *, by: str, reason: str, seen: Position | None = None) -> Position:
        """Make one move: into the ledger first, then into Envoy.

        Args:
            move: what to do.
            by: who decided: a person's name, or `gate NAME`.
            reason: why, for the history.
            seen: the position the decision was made at; refused where it has changed since.

        Raises:
            MoveError: it does not fit where the cutover stands.
            EdgeError: it is decided and written down, but Envoy could not be told; a watching
                controller goes on trying.
        """
        with self.ledger.moving():
            here = self.position
            if seen not in (None, here):
                raise MoveError(f"the cutover has moved on since {move} was decided")
            position = after(here, move, last_stage=self.last_stage)
            share = self.creates_at(position)
            self.ledger.append(
                "move", move=move, by=by, reason=reason, stage=position.stage, share=share
            )
            self.apply(position)
        return position

    def creates_at(self, position: Position) -> int:
        """Percent of the creates that go to the candidate at a position."""
        if position.phase in (Phase.IDLE, Phase.ABORTED):
            return 0
        return self.plan.stages[position.stage].share

    def apply(self, position: Position) -> None:
        """Bring Envoy to a position: creates at once, what both could answer once that is known."""
        if position.phase is Phase.ABORTED:
            self._set(NOTHING)
        self._set(self._wanted(position))

    def reconcile(self) -> bool:
        """Bring Envoy back to where the ledger stands; True where it had strayed (a restart)."""
        with self.ledger.moving():
            position = self.position
            wanted = self._wanted(position)
            if self.admin.shares() == wanted:
                return False
            self._set(wanted)
            return True

    def _wanted(self, position: Position) -> Shares:
        return Shares(
            self.creates_at(position), self._shared_at(position), self._legacy_ids_at(position)
        )

    def _shared_at(self, position: Position) -> int:
        if position.phase is Phase.RETIRED:
            return 100
        if not any(int(str(entry.facts["share"])) > 0 for entry in self.ledger.entries("move")):
            return 0
        # While the gates watch it, the candidate answers; after an abort only where it can.
        trusted = position.phase is not Phase.ABORTED or self.candidate_answers()
        return 100 if trusted else 0

    def _legacy_ids_at(self, position: Position) -> int:
        if position.phase is not Phase.RETIRED:
            return 0
        return 100 if in_force(self.ledger).legacy_ids or self.adopted() else 0

    def _set(self, shares: Shares) -> None:
        try:
            self.admin.set_shares(shares)
        except EdgeError as error:
            self.ledger.append("edge-failed", error=str(error))
            raise
        self.ledger.append("applied", **asdict(shares))


def in_force(ledger: Ledger) -> Shares:
    """Return the shares that Envoy was told last."""
    applied = ledger.entries("applied")
    if not applied:
        return NOTHING
    facts = applied[-1].facts
    return Shares(*(int(str(facts.get(field.name, 0))) for field in fields(Shares)))
