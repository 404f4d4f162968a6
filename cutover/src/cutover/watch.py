"""The watching controller: reads the gates, promotes when they pass, aborts when one fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import takewhile

from cutover.controller import Controller
from cutover.errors import CutoverError, EdgeError, MoveError
from cutover.gates import GateState, GateVerdict, Reading, read, together, verdict
from cutover.ledger import Entry
from cutover.plan import Gate, Metric
from cutover.state import Move, Phase, Position

TICK_SECONDS = 0.1
RECONCILE_SECONDS = 1.0

Measure = Callable[[Metric], Reading]


@dataclass(slots=True)
class Watch:
    """Watches one cutover until it is retired or told to stop.

    `automatic` promotes when all gates of a stage have passed; without it a person does.
    """

    controller: Controller
    measure: Measure
    automatic: bool = True
    clock: Callable[[], float] = time.monotonic
    _due: dict[str, float] = field(default_factory=dict)
    _under_way: dict[str, Future[Reading]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(len(Metric)))
    _stage: int = -1
    _reconcile_at: float = 0.0

    def run(self, *, stop: Callable[[], bool]) -> None:
        """Watch until `stop` says so or the baseline is retired."""
        with self.controller.ledger.controlling():
            while not stop() and self.controller.position.phase is not Phase.RETIRED:
                self.tick()
                time.sleep(TICK_SECONDS)

    def tick(self) -> None:
        """Do what is due now, once."""
        self._reconcile()
        position = self.controller.position
        if position.phase is not Phase.RUNNING:
            self._due.clear()
            self._under_way.clear()
            self._stage = -1
            return
        if position.stage != self._stage:
            self._begin_stage(position.stage)
        self._read_due_gates()
        self._decide(position)

    def _reconcile(self) -> None:
        if self.clock() < self._reconcile_at:
            return
        self._reconcile_at = self.clock() + RECONCILE_SECONDS
        try:
            self.controller.reconcile()
        except EdgeError as error:
            self.controller.ledger.append("edge-unreachable", error=str(error))

    def _begin_stage(self, stage: int) -> None:
        self._stage = stage
        self._under_way.clear()  # what was begun before the move says nothing of this stage
        gates = self._gates()
        # Counters are compared with the moment the stage began.
        counted = {gate.metric for gate in gates.values() if gate.metric.is_counted}
        list(self._threads.map(self.measure, counted))
        self._due = {name: self.clock() + gate.interval_seconds for name, gate in gates.items()}

    def _read_due_gates(self) -> None:
        """Begin what is due, take what has come: a reading that hangs delays no other."""
        now = self.clock()
        for name, gate in self._gates().items():
            if name not in self._under_way and now >= self._due.setdefault(name, now):
                self._due[name] = now + gate.interval_seconds
                self._under_way[name] = self._threads.submit(self.measure, gate.metric)
        for name in [name for name, reading in self._under_way.items() if reading.done()]:
            self._note(name, self._taken(name, self._under_way.pop(name)))

    def _taken(self, name: str, measured: Future[Reading]) -> Reading:
        try:
            return measured.result()
        except CutoverError as error:  # what cannot be measured holds the stage, and says why
            self.controller.ledger.append("unmeasured", gate=name, error=str(error))
            return Reading(None)

    def _note(self, name: str, reading: Reading) -> None:
        gate = self.controller.plan.gates[name]
        self.controller.ledger.append(
            "reading",
            gate=name,
            metric=gate.metric,
            value=reading.value,
            samples=reading.samples,
            limit=gate.limit,
        )

    def _decide(self, seen: Position) -> None:
        verdicts = gate_verdicts(self.controller)
        failed = [name for name, said in verdicts.items() if said is GateVerdict.FAILED]
        at_end = seen.stage == self.controller.last_stage
        try:
            if failed:
                self._abort(failed[0], seen)
            elif self.automatic and not at_end and together(verdicts) is GateVerdict.PASSED:
                reason = "all gates passed"
                self.controller.move(Move.PROMOTE, by="gates", reason=reason, seen=seen)
        except MoveError as error:  # a person was faster; the ledger has their move
            self.controller.ledger.append("overtaken", error=str(error))
        except EdgeError:  # written down by the controller; the next reconcile tries again
            self._reconcile_at = 0.0

    def _abort(self, name: str, seen: Position) -> None:
        gate = self.controller.plan.gates[name]
        entries = [e for e in since_last_move(self.controller) if e.facts.get("gate") == name]
        value = entries[-1].facts["value"] if entries else None
        reason = f"{gate.metric} is {value}, over {gate.limit}"
        self.controller.move(Move.ABORT, by=f"gate {name}", reason=reason, seen=seen)

    def _gates(self) -> Mapping[str, Gate]:
        return stage_gates(self.controller)


def stage_gates(controller: Controller) -> Mapping[str, Gate]:
    """Return the gates of the current stage by name."""
    return {name: controller.plan.gates[name] for name in controller.stage.gates}


def gate_verdicts(controller: Controller) -> Mapping[str, GateVerdict]:
    """Return what each gate of the current stage says, from the ledger alone."""
    readings = since_last_move(controller)
    return {
        name: verdict(_state(name, gate, readings), gate)
        for name, gate in stage_gates(controller).items()
    }


def since_last_move(controller: Controller) -> list[Entry]:
    """Return the readings since the last move, oldest first."""
    entries = controller.ledger.entries("move", "reading")
    fresh = takewhile(lambda entry: entry.kind == "reading", reversed(entries))
    return list(fresh)[::-1]


def _state(name: str, gate: Gate, readings: list[Entry]) -> GateState:
    state = GateState()
    for entry in readings:
        if entry.facts["gate"] == name:
            state = read(state, gate, Reading.of(entry.facts))
    return state
