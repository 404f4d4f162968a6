"""Runs the baseline against itself: what differs there is noise, whatever the candidate does."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parity_harness.compare.diff import compare
from parity_harness.compare.noise import learn
from parity_harness.compare.rules import Rules
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes import follow_up
from parity_harness.model.contract import Scenario
from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Exchange, Probe
from parity_harness.model.verdict import NoiseRule
from parity_harness.runner.asking.patience import PatientAsker
from parity_harness.runner.asking.scenarios import Pair, alone
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.budget import Budget

_ROUNDS = 2  # of probes made from answers to earlier ones
_FIRST_RUN = 0.4  # of what may be spent, before the probes that are left are given up
_CREATED = (201, 202)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the baseline answered to a declared scenario before it was played; when it began."""

    exchanges: tuple[Exchange, ...]
    began: float  # epoch seconds

    def noise(self, played: Iterable[Exchange]) -> tuple[NoiseRule, ...]:
        """Return what was volatile, now that the baseline has answered again."""
        pairs = tuple(zip(self.exchanges, played, strict=False))
        return learn(pairs, during=(self.began, time.time()))


@dataclass(slots=True)
class Learner:
    """What two fresh instances of the baseline answered to the same requests."""

    side: Sides
    budget: Budget
    seen: list[Pair] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    async def probes(self, matched: Matched, made: Sequence[Probe]) -> list[Probe]:
        """Send probes twice; return them with those that their answers brought up.

        Of a slow app, only as many as the budget allows: the first are the most valuable.
        """
        first = await self._as_many(made)
        asked = made[: len(first)]
        second = await self._run(asked, is_fresh=True)
        self.seen += zip(first, second, strict=False)
        known = dict.fromkeys(asked)
        for _ in range(_ROUNDS):
            more = [probe for probe in follow_up(matched, self.seen) if probe not in known]
            if not more or self.budget.is_spent():
                break
            goes_on = await self._run(more, is_fresh=False)
            before = [one.probe for one, _ in self.seen if not _was_refused(one)]
            again = await self._run([*before, *more], is_fresh=True)
            self.seen += zip(goes_on, again[-len(more) :], strict=False)
            known |= dict.fromkeys(more)
        return list(known)

    async def rehearse(self, declared: Iterable[Scenario]) -> dict[str, Rehearsal]:
        """Perform each declared scenario once: its play is the second time."""
        rehearsals = {}
        for scenario in declared:
            began = time.time()
            exchanges = await alone(scenario, self.side)
            rehearsals[scenario.name] = Rehearsal(tuple(exchanges), began)
        return rehearsals

    async def scenarios(self, inferred: Iterable[Scenario]) -> None:
        """Perform each scenario twice."""
        for scenario in inferred:
            if self.budget.is_spent():
                return
            first = await alone(scenario, self.side)
            self.seen += zip(first, await alone(scenario, self.side), strict=False)

    async def harmless(
        self, reads: Sequence[Probe], noise: tuple[NoiseRule, ...]
    ) -> tuple[Probe, ...]:
        """Return the reads that change nothing another read shows, nor their own next answer."""
        kept = await self._not_creating(reads)
        rules = Rules(noise=noise)
        if await self._are_stable(kept, rules):
            return kept
        stable: tuple[Probe, ...] = ()
        for read in kept:
            if await self._are_stable((*stable, read), rules):
                stable = (*stable, read)
            elif await self._are_stable(
                (read,), rules
            ):  # one that was taken before disturbs this one
                stable = tuple(
                    [each for each in stable if await self._are_stable((each, read), rules)]
                )
                stable = (*stable, read)
        return stable

    def noise(self) -> tuple[NoiseRule, ...]:
        """Return what was volatile."""
        return learn(self.seen, during=(self.began, time.time()))

    async def _as_many(self, probes: Sequence[Probe]) -> list[Exchange]:
        await self._fresh()
        asker = PatientAsker(self.side, self._fresh)
        budget = self.budget.part(_FIRST_RUN)
        answers: list[Exchange] = []
        for probe in probes:
            if budget.is_spent():
                break
            answers += await asker.ask(probe)
        return answers

    async def _run(self, probes: Sequence[Probe], *, is_fresh: bool) -> list[Exchange]:
        if is_fresh:
            await self._fresh()
        asker = PatientAsker(self.side, self._fresh)
        return [(await asker.ask(probe))[0] for probe in probes]

    async def _fresh(self) -> None:
        await self.side.fresh({})

    async def _not_creating(self, reads: Sequence[Probe]) -> tuple[Probe, ...]:
        answers = await self._run(reads, is_fresh=True)
        return tuple(each.probe for each in answers if each.response.status not in _CREATED)

    async def _are_stable(self, reads: Sequence[Probe], rules: Rules) -> bool:
        first = await self._run(reads, is_fresh=True)
        second = await self._run(reads, is_fresh=False)
        return not any(
            compare(one, two, rules.for_fresh_state(), Strictness.VALUES)
            for one, two in zip(first, second, strict=True)
        )


def _was_refused(exchange: Exchange) -> bool:
    """Whether the app took no notice of a request, so that later answers do not depend on it."""
    return 400 <= exchange.response.status < 500
