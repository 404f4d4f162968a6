"""What `cutover status` shows: as data for scripts, as a picture for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cutover.controller import Controller
from cutover.errors import EdgeError
from cutover.gates import GateVerdict, Reading
from cutover.plan import Plan
from cutover.state import Phase
from cutover.watch import gate_verdicts, since_last_move
from cutover.workers import STATUSES, WorkerView

BAR = 20
COLOURS = {
    Phase.RUNNING: "green",
    Phase.PAUSED: "yellow",
    Phase.ABORTED: "red",
    GateVerdict.PASSED: "green",
    GateVerdict.FAILED: "red",
    GateVerdict.INCONCLUSIVE: "yellow",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that status shows, JSON-shaped through `as_json`."""

    plan: Plan
    phase: Phase
    stage: int
    since: float | None
    shares: Mapping[str, int] | None
    gates: Mapping[str, Mapping[str, Any]]
    jobs: Mapping[str, Mapping[str, int] | None]
    last_move: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "phase": self.phase,
            "stage": {"index": self.stage, **self.plan.stages[self.stage].model_dump()},
            "since": self.since,
            "shares": self.shares,
            "gates": self.gates,
            "jobs": self.jobs,
            "last_move": self.last_move,
        }


def status(controller: Controller, workers: tuple[WorkerView, ...]) -> Status:
    """Ask the ledger, Envoy and both workers; what does not answer is None."""
    position = controller.position
    moves = controller.ledger.entries("move")
    return Status(
        plan=controller.plan,
        phase=position.phase,
        stage=position.stage,
        since=moves[-1].at if moves else None,
        shares=_shares(controller),
        gates=_gates(controller),
        jobs={worker.name: worker.jobs() for worker in workers},
        last_move=moves[-1].facts if moves else None,
    )


def picture(status: Status) -> RenderableType:
    """Draw it."""
    parts = (_headline, _in_force, _stages, _gate_table, _job_table)
    return Group(*(part(status) for part in parts))


def _shares(controller: Controller) -> Mapping[str, int] | None:
    try:
        shares = controller.admin.shares()
    except EdgeError:
        return None
    return asdict(shares)


def _gates(controller: Controller) -> dict[str, dict[str, Any]]:
    readings = since_last_move(controller)
    latest = {str(entry.facts["gate"]): Reading.of(entry.facts) for entry in readings}
    return {
        name: {
            "verdict": said,
            "value": latest[name].value if name in latest else None,
            "samples": latest[name].samples if name in latest else 0,
            "limit": controller.plan.gates[name].limit,
            "minimum_samples": controller.plan.gates[name].minimum_samples,
        }
        for name, said in gate_verdicts(controller).items()
    }


def _headline(status: Status) -> RenderableType:
    text = Text(f"{status.phase}", style=f"bold {COLOURS.get(status.phase, 'default')}")
    if status.since is not None and status.last_move is not None:
        text.append(f"  for {time.time() - status.since:.0f} s: ", style="default")
        text.append(f"{status.last_move['reason']} ({status.last_move['by']})", style="default")
    return text


def _in_force(status: Status) -> RenderableType:
    if status.shares is None:
        return Text("Envoy does not answer", style="red")
    creates, shared, old_ids = (status.shares[key] for key in ("creates", "shared", "legacy_ids"))
    return Text(
        f"to the candidate: {creates} % of creates, {shared} % of list, health, clear, "
        f"{old_ids} % of old ids"
    )


def _stages(status: Status) -> Table:
    table = Table("stage", "share", "", box=None, pad_edge=False)
    for index, stage in enumerate(status.plan.stages):
        here = index == status.stage
        filled = "█" * round(stage.share / 100 * BAR)
        mark = "◀" if here else ""
        style = "bold" if here else "dim"
        table.add_row(stage.name, f"{stage.share} %", f"{filled:<{BAR}} {mark}", style=style)
    return table


def _gate_table(status: Status) -> Table:
    table = Table("gate", "value", "limit", "samples", "verdict", title="gates of this stage")
    for name, gate in status.gates.items():
        value = "—" if gate["value"] is None else f"{gate['value']:.4g}"
        samples = f"{gate['samples']} of {gate['minimum_samples']}"
        verdict = Text(gate["verdict"], style=COLOURS[gate["verdict"]])
        table.add_row(name, value, f"{gate['limit']:g}", samples, verdict)
    return table


def _job_table(status: Status) -> Table:
    table = Table("jobs", *STATUSES)
    for name, jobs in status.jobs.items():
        table.add_row(name, *("—" if jobs is None else str(jobs[each]) for each in STATUSES))
    return table
