"""Looks for the fewest requests that show a divergence again, and whether any do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parity_harness.discovery.shrinking import shrink
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.divergence import Divergence, Kind
from parity_harness.model.exchange import Exchange, Probe
from parity_harness.runner.asking.scenarios import GivenUpError, both
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.comparing.findings import Findings, Sighting, same_place
from parity_harness.runner.proving.reproduction import written

_MOST_TRIALS = 16  # to leave a step out, or to make a request smaller
_LONGEST_HISTORY = 600  # steps that are repeated all, where fewer show nothing

GENERATED = "generated"
"""How the purpose of a probe begins that Hypothesis made."""

Pairs = list[tuple[Exchange, Exchange]]


@dataclass(frozen=True, slots=True)
class Shown:
    """Steps that showed a divergence again, and what both sides answered to them."""

    steps: tuple[Step, ...]
    pairs: Pairs

    def written(self, divergence: Divergence) -> str:
        """Return the listing of how to see a divergence so."""
        return written(divergence, self.steps, self.pairs)


class Confirmer:
    """Replays sightings from a fresh state, with less and less before them."""

    def __init__(self, sides: Sides, findings: Findings) -> None:
        self._sides = sides
        self._findings = findings

    async def confirm(self, sighting: Sighting) -> Shown | None:
        """Return the fewest steps that show the divergence again, None where none do."""
        for steps in _attempts(sighting):
            shown = await self.shown(sighting, steps)
            if shown:
                return await self._smallest(sighting, await self._fewest(sighting, shown))
        return None

    async def shown(self, sighting: Sighting, steps: Sequence[Step]) -> Shown | None:
        """Return what both sides answer to steps, None where they agree."""
        if not steps:
            return None
        surroundings, origin = sighting.environment, sighting.origin
        scenario = Scenario("again", tuple(steps), environment=surroundings, origin=origin)
        self._findings.fresh_state()
        pairs: Pairs = []
        found: tuple[Divergence, ...] = ()
        try:
            async for pair in both(scenario, self._sides):
                pairs.append(pair)
                found = self._findings.compare(*pair)
        except GivenUpError:
            return None
        wanted = sighting.divergence
        is_shown = any(_is_again(each, wanted, sighting) for each in found)
        return Shown(tuple(steps), pairs) if is_shown else None

    async def _fewest(self, sighting: Sighting, shown: Shown) -> Shown:
        """Leave out one earlier step after the other, the latest first."""
        count = len(shown.steps) - 1 - (sighting.read is not None)
        for position in list(range(count))[::-1][:_MOST_TRIALS]:
            fewer = shown.steps[:position] + shown.steps[position + 1 :]
            shown = await self.shown(sighting, fewer) or shown
        return shown

    async def _smallest(self, sighting: Sighting, shown: Shown) -> Shown:
        """Make a request that was drawn at random smaller; those chosen by hand say enough."""
        position = len(shown.steps) - 1 - (sighting.read is not None)
        drawn = shown.steps[position].probe
        if not drawn.purpose.startswith(GENERATED):
            return shown
        smallest, trials = shown, 0

        async def still_diverges(probe: Probe) -> bool:
            nonlocal smallest, trials
            trials += 1
            steps = (*shown.steps[:position], Step(probe), *shown.steps[position + 1 :])
            again = await self.shown(sighting, steps) if trials <= _MOST_TRIALS else None
            smallest = again or smallest
            return again is not None

        await shrink(drawn, still_diverges)
        return smallest


def _attempts(sighting: Sighting) -> list[tuple[Step, ...]]:
    """Return what to try, least first."""
    read = (Step(sighting.read),) if sighting.read else ()
    last = sighting.steps[-1:]
    history = sighting.history if len(sighting.history) <= _LONGEST_HISTORY else ()
    attempts = (last, sighting.steps, history)
    distinct: list[tuple[Step, ...]] = []
    for each in attempts:
        if each and (*each, *read) not in distinct:
            distinct.append((*each, *read))
    return distinct


def _is_again(found: Divergence, wanted: Divergence, sighting: Sighting) -> bool:
    if wanted.kind in (Kind.ROUTE_MISSING, Kind.ROUTE_EXTRA):
        return found.kind is Kind.STATUS
    if sighting.read:
        return wanted.path == f"state:{sighting.read.target}/{found.path}"
    # An app that raises answers through a server, and in process not at all.
    return same_place(found, wanted) or found.kind is Kind.FAILURE
