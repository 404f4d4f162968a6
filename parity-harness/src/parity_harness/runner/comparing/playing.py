"""Plays a scenario on both sides and keeps what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from parity_harness.events import ScenarioFinished
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.divergence import Divergence, Strictness
from parity_harness.model.exchange import Evidence
from parity_harness.runner.asking.scenarios import GivenUpError, Pair, both
from parity_harness.runner.asking.sides import SAFE, Sides
from parity_harness.runner.comparing.findings import Findings, Sighting
from parity_harness.runner.comparing.reads import StateReads
from parity_harness.runner.preparing.learning import Rehearsal


class Player:
    """Judges scenarios; after a write it compares the known reads, too."""

    def __init__(
        self,
        sides: Sides,
        findings: Findings,
        reads: StateReads,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        self._sides = sides
        self._findings = findings
        self._reads = reads
        self._rehearsal = rehearsal
        self.pairs: list[Pair] = []
        """What both sides answered to the scenario that was played last."""

    async def play(self, scenario: Scenario) -> tuple[Divergence, ...]:
        """Return what the scenario showed.

        One that only one side can go on with ends there: why it cannot was shown by then.
        """
        self._findings.fresh_state()
        self._findings.tally.counts["scenarios"] += 1
        shown: list[Divergence] = []
        self.pairs = []
        try:
            async for pair in both(scenario, self._sides):
                self.pairs.append(pair)
                number = len(self.pairs)
                if self._rehearsal:
                    answered = [ours for ours, _ in self.pairs]
                    self._findings.learn(self._rehearsal.noise(answered))
                shown += self._judged(scenario, number, pair)
                shown += await self._state(scenario, number)
        except GivenUpError as error:
            self._findings.note(f"{scenario.name}: {error}")
        self._findings.listen(ScenarioFinished(scenario, tuple(shown)))
        return tuple(shown)

    def _judged(self, scenario: Scenario, number: int, pair: Pair) -> Sequence[Divergence]:
        step = scenario.steps[number - 1]
        steps = scenario.steps[:number]
        found = self._findings.following(
            self._findings.judge(*pair, _strictness(scenario, step)),
            (earlier.probe for earlier in steps[:-1]),
        )
        self._findings.keep(
            Sighting(
                each,
                Evidence(*pair),
                steps,
                environment=scenario.environment,
                origin=scenario.origin,
            )
            for each in found
        )
        return found

    async def _state(self, scenario: Scenario, number: int) -> Sequence[Divergence]:
        steps = scenario.steps[:number]
        write = steps[-1].probe
        if write.method in SAFE or scenario.effects:
            return ()
        shown = [
            Sighting(
                each.caused_by(write) if each.is_of_state else each.divergence,
                each.evidence,
                steps if each.is_of_state else (*steps, Step(each.read)),
                read=each.read if each.is_of_state else None,
                environment=scenario.environment,
                origin=scenario.origin,
            )
            for each in await self._reads.differing(self._sides)
        ]
        self._findings.keep(shown)
        return [each.divergence for each in shown]


def _strictness(scenario: Scenario, step: Step) -> Strictness | None:
    if step.strictness is None and scenario.strictness is Strictness.VALUES:
        return None
    return step.strictness or scenario.strictness
