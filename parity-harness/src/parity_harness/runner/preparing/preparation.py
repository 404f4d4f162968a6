"""Decides what to ask, and learns from the baseline alone what to expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parity_harness.discovery.generated import generated
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes import make
from parity_harness.discovery.sequences import infer
from parity_harness.events import Listener, PhaseStarted
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Probe
from parity_harness.model.verdict import NoiseRule
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.reads import state_probes
from parity_harness.runner.preparing.learning import Learner, Rehearsal

_SHARE = 0.35  # of the budget that may go into learning


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be asked, and what is known of the answers."""

    matched: Matched = field(default_factory=Matched)
    probes: tuple[Probe, ...] = ()
    inferred: tuple[Scenario, ...] = ()
    reads: tuple[Probe, ...] = ()
    noise: tuple[NoiseRule, ...] = ()
    rehearsals: Mapping[str, Rehearsal] = field(default_factory=dict)  # by declared scenario


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to make of an inventory: nothing, or probes with so many generated ones among them."""

    makes_probes: bool = True
    seed: int = 0
    generated: int = 0
    ignored: Mapping[str, str] = field(default_factory=dict)


class Preparation:
    """Prepares a run with the help of the baseline."""

    def __init__(self, side: Sides, matched: Matched, budget: Budget, listen: Listener) -> None:
        self._learner = Learner(side, budget.part(_SHARE))
        self._matched = matched
        self._listen = listen

    async def prepare(self, wishes: Wishes, declared: Iterable[Scenario]) -> Prepared:
        """Send everything to the baseline twice, declared scenarios once.

        Raises:
            TargetError: the baseline cannot be run.
        """
        probes: list[Probe] = []
        inferred: tuple[Scenario, ...] = ()
        if wishes.makes_probes:
            made = self._made(wishes)
            self._listen(PhaseStarted("learning noise", 2 * len(made)))
            probes = _wanted(await self._learner.probes(self._matched, made), wishes)
            inferred = infer(self._matched, self._learner.seen)
        rehearsals = await self._learner.rehearse(declared)
        await self._learner.scenarios(inferred)
        noise = self._learner.noise()
        reads = _wanted(state_probes(self._matched), wishes)
        kept = await self._learner.harmless(reads, noise)
        return Prepared(self._matched, tuple(probes), inferred, kept, noise, rehearsals)

    def _made(self, wishes: Wishes) -> list[Probe]:
        made = dict.fromkeys(make(self._matched, seed=wishes.seed))
        made |= dict.fromkeys(generated(self._matched, wishes.seed, wishes.generated))
        return _wanted(made, wishes)


def _wanted(probes: Iterable[Probe], wishes: Wishes) -> list[Probe]:
    return [probe for probe in probes if probe.route not in wishes.ignored]
