"""The play of a drill: up the stages, each fault and back, up again, and the baseline retired.

What happens is written into the cutover's own ledger, kinds `fault`, `healed`, `restored`: the
report is made from nothing else but that ledger, the clients' ledger and what the audit found.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cutover.controller import Controller
from cutover.drill.faults import Fault
from cutover.drill.load import ClientLedger
from cutover.drill.scene import CONTROLLER, Scene
from cutover.envoy.admin import Admin
from cutover.errors import CutoverError
from cutover.ledger import Ledger
from cutover.state import Move, Phase, Position

POLL_SECONDS = 0.05
STAGE_LIMIT_SECONDS = 180.0
DETECTION_LIMIT_SECONDS = 60.0
DRAIN_LIMIT_SECONDS = 300.0
FAULTY_SHARE = 50
JOBS_BEFORE = 3

Tell = Callable[[str], None]


class DrillError(CutoverError):
    """The drill did not get where it should; the message says what was waited for."""


@dataclass(slots=True)
class Play:
    """Plays one drill on a scene. `tell` shows progress."""

    scene: Scene
    plan_file: Path
    clients: ClientLedger
    tell: Tell
    controller: Controller = field(init=False)

    def __post_init__(self) -> None:
        self.controller = Controller(
            self.scene.plan,
            Ledger(self.scene.state),
            Admin(self.scene.plan.edge.admin),
            self.scene.candidate.answers_for_both,
            adopted=lambda: bool(self.scene.setting.adopt),
        )

    async def run(self, faults: list[tuple[str, Fault]]) -> None:
        """Play it all; the load runs beside it, and has jobs of its own from before."""
        await self._until("jobs from before", STAGE_LIMIT_SECONDS, self._jobs_before)
        self.scene.start_controller(self.plan_file)
        for name, fault in faults:
            await self._up_to(FAULTY_SHARE)
            await self._fault(name, fault)
        await self._lose_the_controller()
        await self._up_to(100)

    async def retire(self) -> None:
        """Wait for the baseline's jobs to end, then retire it."""
        self.tell("waiting for the baseline's jobs to end")
        await self._until("the baseline has drained", DRAIN_LIMIT_SECONDS, self._drained)
        if self.scene.setting.adopt:
            self.tell(
                "the candidate adopts the baseline's ended jobs; the baseline is switched off"
            )
            await asyncio.to_thread(self.scene.adopt)
        self.controller.move(Move.RETIRE, by="drill", reason="no job of it is left")
        if self.scene.setting.adopt:
            self.scene.stop("baseline")

    async def _up_to(self, share: int) -> None:
        self.tell(f"the gates promote, up to {share} %")

        def there() -> bool:
            return self.controller.creates_at(self._position_with_nothing_wrong()) >= share

        await self._until(f"{share} % of the creates", STAGE_LIMIT_SECONDS, there)

    async def _fault(self, name: str, fault: Fault) -> None:
        await self._until("a job of the candidate runs", STAGE_LIMIT_SECONDS, self._candidate_busy)
        self.tell(f"the candidate {fault.says}")
        ledger = self.controller.ledger
        ledger.append("fault", name=name, says=fault.says)
        fault.apply(self.scene)
        await self._until(f"{name} is detected", DETECTION_LIMIT_SECONDS, self._aborted)
        self.tell("rolled back; healing")
        fault.heal(self.scene)
        ledger.append("healed", name=name)
        await self._until(
            "the candidate answers again",
            STAGE_LIMIT_SECONDS,
            self.scene.candidate.answers_for_both,
        )
        await self._until("reads are back", STAGE_LIMIT_SECONDS, self._shared_again)
        ledger.append("restored", name=name)
        self.controller.move(Move.RETRY, by="drill", reason=f"healed: {fault.says}")

    async def _lose_the_controller(self) -> None:
        self.tell("the controller is killed with SIGKILL and started again")
        before = self.controller.position
        self.scene.kill(CONTROLLER)
        self.controller.ledger.append("controller-killed", stage=before.stage)
        self.scene.start_controller(self.plan_file)

    def _jobs_before(self) -> bool:
        return len(self.clients.acknowledged) >= JOBS_BEFORE

    def _position_with_nothing_wrong(self) -> Position:
        position = self.controller.position
        if position.phase is Phase.ABORTED:
            raise DrillError(f"aborted with nothing wrong: {self._last_reason()}")
        return position

    def _candidate_busy(self) -> bool:
        self._position_with_nothing_wrong()
        return bool((self.scene.candidate.jobs() or {}).get("running"))

    def _aborted(self) -> bool:
        return self.controller.position.phase is Phase.ABORTED

    def _shared_again(self) -> bool:
        return self.controller.admin.shares().shared == 100

    def _drained(self) -> bool:
        jobs = self.scene.baseline.jobs()
        return jobs is not None and not jobs["pending"] and not jobs["running"]

    def _last_reason(self) -> str:
        return str(self.controller.ledger.entries("move")[-1].facts["reason"])

    async def _until(self, what: str, seconds: float, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(POLL_SECONDS)
        raise DrillError(f"waited {seconds:g} s in vain until {what}")
