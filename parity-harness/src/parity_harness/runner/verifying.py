"""Shows one divergence of every cause again, before anybody is bothered with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parity_harness.compare.causes import group
from parity_harness.events import Listener, PhaseStarted, Progress
from parity_harness.model.cause import Cause, causes
from parity_harness.model.divergence import Divergence
from parity_harness.runner.budget import Budget
from parity_harness.runner.confirming import Confirmer
from parity_harness.runner.findings import Findings, Sighting
from parity_harness.runner.reproduction import written
from parity_harness.runner.sides import Sides

_MEMBERS = 3  # of a cause are tried before it counts as seen once


class Verifier:
    """Gives every divergence its reproduction; drops causes that nothing shows again."""

    def __init__(self, sides: Sides, findings: Findings, budget: Budget) -> None:
        self._confirmer = Confirmer(sides, findings)
        self._findings = findings
        self._budget = budget

    async def verify(self, listen: Listener, *, can_repeat: bool) -> None:
        """Verify all that was found so far; write it down only, where no state can be fresh."""
        for fingerprint, sighting in list(self._findings.sightings.items()):
            self._tell(fingerprint, _unconfirmed(sighting))
        if not can_repeat:
            return
        found = causes(group(each.divergence for each in self._findings.sightings.values()))
        listen(PhaseStarted("reproducing", len(found)))
        for done, cause in enumerate(found):
            if self._budget.is_spent():
                self._findings.note("the budget ended before every cause was reproduced")
                return
            await self._verify(cause)
            listen(Progress(done + 1))

    async def _verify(self, cause: Cause) -> None:
        for divergence in _worst_first(cause.divergences)[:_MEMBERS]:
            sighting = self._findings.sightings[divergence.fingerprint]
            reproduction = await self._confirmer.confirm(sighting)
            if reproduction:
                self._tell(divergence.fingerprint, reproduction)
                return
        for divergence in cause.divergences:
            del self._findings.sightings[divergence.fingerprint]
        worst = _worst_first(cause.divergences)[0]
        self._findings.note(
            f"seen once and never again, so not counted: {worst.method} {worst.route}"
            f" ({worst.purpose}), {worst.path}: {worst.baseline} → {worst.candidate}"
        )

    def _tell(self, fingerprint: str, reproduction: str) -> None:
        sighting = self._findings.sightings[fingerprint]
        divergence = replace(sighting.divergence, reproduction=reproduction)
        self._findings.sightings[fingerprint] = replace(sighting, divergence=divergence)


def _worst_first(divergences: Sequence[Divergence]) -> list[Divergence]:
    return sorted(divergences, key=lambda each: -each.severity)


def _unconfirmed(sighting: Sighting) -> str:
    pair = (sighting.evidence.baseline, sighting.evidence.candidate)
    return written(sighting.divergence, sighting.steps[-1:], [pair])
