"""Shows one divergence of every cause again, before anybody is bothered with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parity_harness.compare.causes import group
from parity_harness.events import Listener, PhaseStarted, Progress
from parity_harness.model.cause import Cause, causes
from parity_harness.model.divergence import Divergence
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings, Sighting
from parity_harness.runner.proving.confirming import Confirmer, Shown
from parity_harness.runner.proving.reproduction import written

_MEMBERS = 3  # of a cause are tried before it counts as seen once


class Verifier:
    """Gives every divergence its reproduction; drops causes that nothing shows again.

    `in_process` shows again, without servers, what was seen over the network: what it does not
    show is the servers' doing.
    """

    def __init__(
        self, confirmer: Confirmer, findings: Findings, in_process: Confirmer | None = None
    ) -> None:
        self._confirmer = confirmer
        self._findings = findings
        self._in_process = in_process

    async def verify(self, budget: Budget, listen: Listener) -> None:
        """Verify all that was found so far and not yet verified."""
        self.write_down()
        found = causes(group(each.divergence for each in self._findings.sightings.values()))
        listen(PhaseStarted("reproducing", len(found)))
        for done, cause in enumerate(found):
            if budget.is_spent():
                self._findings.note("the budget ended before every cause was reproduced")
                return
            await self._verify(cause)
            listen(Progress(done + 1))

    def write_down(self) -> None:
        """Give every divergence the reproduction it was seen with, tried out or not."""
        for fingerprint, sighting in list(self._findings.sightings.items()):
            if not sighting.divergence.reproduction:
                pair = (sighting.evidence.baseline, sighting.evidence.candidate)
                listing = written(sighting.divergence, sighting.steps[-1:], [pair])
                self._tell(fingerprint, listing)

    async def _verify(self, cause: Cause) -> None:
        worst_first = sorted(cause.divergences, key=lambda each: -each.severity)
        for divergence in worst_first[:_MEMBERS]:
            sighting = self._findings.sightings[divergence.fingerprint]
            in_process = await self._in_process.confirm(sighting) if self._in_process else None
            shown = await self._shown(sighting, in_process)
            if shown and self._in_process and not in_process:
                self._drop(worst_first, "the servers differ here, not the apps")
                return
            if shown:
                self._tell(divergence.fingerprint, shown.written(divergence))
                return
        self._drop(worst_first, "seen once and never again, so not counted")

    async def _shown(self, sighting: Sighting, in_process: Shown | None) -> Shown | None:
        """Show it again; with the fewest steps found in process, where starting costs less."""
        if in_process:
            shown = await self._confirmer.shown(sighting, in_process.steps)
            if shown:
                return shown
        return await self._confirmer.confirm(sighting)

    def _drop(self, divergences: Sequence[Divergence], why: str) -> None:
        for each in divergences:
            del self._findings.sightings[each.fingerprint]
        first = divergences[0]
        self._findings.note(
            f"{why}: {first.method} {first.route} ({first.purpose}),"
            f" {first.path}: {first.baseline} → {first.candidate}"
        )

    def _tell(self, fingerprint: str, reproduction: str) -> None:
        sighting = self._findings.sightings[fingerprint]
        divergence = replace(sighting.divergence, reproduction=reproduction)
        self._findings.sightings[fingerprint] = replace(sighting, divergence=divergence)
