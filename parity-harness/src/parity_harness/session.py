"""One run, from two targets to a report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from parity_harness.compare.causes import group
from parity_harness.compare.judge import judge
from parity_harness.compare.rules import Rules
from parity_harness.config import Config
from parity_harness.discovery.generated import generated
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes import make
from parity_harness.discovery.sequences import infer
from parity_harness.discovery.traps import CATALOGUE
from parity_harness.events import Event, Listener, PhaseStarted, Progress, RunFinished, RunStarted
from parity_harness.files import contract, decisions
from parity_harness.model.contract import Scenario
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Probe
from parity_harness.model.verdict import Report, TrapNote
from parity_harness.runner.budget import Budget
from parity_harness.runner.findings import Findings
from parity_harness.runner.learning import Learner
from parity_harness.runner.playing import Player
from parity_harness.runner.reads import StateReads, state_probes
from parity_harness.runner.routers import lone_routes, matched_routes
from parity_harness.runner.sides import Sides
from parity_harness.runner.sweep import Sweep
from parity_harness.runner.verifying import Verifier
from parity_harness.targets.making import Over
from parity_harness.targets.making import make as make_target
from parity_harness.targets.watchdog import Watchdog


def nobody(event: Event) -> None:
    """Listen to nothing."""
    del event


class Session:
    """Both sides of one configuration; use as an async context manager.

    `run` does everything; `prepare`, `play`, `probe` and `report` are its parts, for those who
    want an outcome a scenario. Whatever raises TargetError says nothing about parity.
    """

    def __init__(self, config: Config, listen: Listener = nobody) -> None:
        self.config = config
        self.scenarios = tuple(
            scenario for path in config.scenarios for scenario in contract.load(path)
        )
        self._decisions = decisions.load(config.decisions) if config.decisions else ()
        self._listen = listen
        self._budget = Budget(config.budget)
        self._watchdog = Watchdog(config.timeout)
        targets = [
            make_target(side, config.over, self._watchdog)
            for side in (config.baseline, config.candidate)
        ]
        self._sides = Sides(targets, together=config.over is Over.NETWORK)
        self.findings = Findings(listen, Rules(), config.strictness)
        self._reads = StateReads((), self.findings)
        self._matched = Matched()
        self._probes: Sequence[Probe] = ()
        self._inferred: tuple[Scenario, ...] = ()
        self._is_complete = False
        self._is_interrupted = False

    async def __aenter__(self) -> Self:
        self._watchdog.__enter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._sides.close()
        finally:
            self._watchdog.__exit__(kind, error, trace)

    async def run(self) -> Report:
        """Do all there is to do; an interruption ends with a report of what was done."""
        try:
            await self.prepare()
            for scenario in self.scenarios:
                await self.play(scenario)
            if self.config.zero_configuration:
                await self.probe()
            await self._verify()
            self._is_complete = not self._budget.was_short
        except asyncio.CancelledError:
            self._is_interrupted = True
        return self.report()

    async def prepare(self) -> None:
        """Read both routers, make probes, and learn what the baseline does not repeat."""
        self._listen(
            RunStarted(
                self.config.baseline.spec.text, self.config.candidate.spec.text, self.config.seed
            )
        )
        self._matched = matched_routes(self.config.baseline, self.config.candidate)
        for note in self._matched.notes:
            self.findings.note(note)
        learner = Learner(self._sides.lone(0), self._budget)
        if self.config.zero_configuration:
            made = self._made()
            self._listen(PhaseStarted("learning noise", 2 * len(made)))
            self._probes = self._wanted(await learner.probes(self._matched, made))
            self._inferred = infer(self._matched, learner.seen)
        await learner.scenarios((*self.scenarios, *self._inferred))
        reads = await learner.harmless(self._wanted(state_probes(self._matched)))
        self._reads = StateReads(reads, self.findings)
        self.findings.rules = Rules(noise=learner.noise())

    async def play(self, scenario: Scenario) -> tuple[Divergence, ...]:
        """Return what a scenario showed."""
        return await Player(self._sides, self.findings, self._reads).play(scenario)

    async def probe(self) -> None:
        """Send all probes, then the inferred sequences."""
        sweep = Sweep(self._sides, self.findings, self._reads, self._budget)
        self._listen(PhaseStarted("probes", len(self._probes)))
        sent = await sweep.run(self._probes)
        if sent < len(self._probes):
            self.findings.note(f"the budget ended after {sent} of {len(self._probes)} probes")
        await lone_routes(self._matched, self._sides, self.findings)
        self._listen(PhaseStarted("sequences", len(self._inferred)))
        for done, scenario in enumerate(self._inferred):
            if self._budget.is_spent():
                self.findings.note(
                    f"the budget ended after {done} of {len(self._inferred)} sequences"
                )
                return
            await self.play(scenario)
            self._listen(Progress(done + 1))

    def report(self) -> Report:
        """Return the report of what was done so far."""
        found = group(each.divergence for each in self.findings.sightings.values())
        report = Report(
            baseline=self.config.baseline.spec.text,
            candidate=self.config.candidate.spec.text,
            judgement=judge(
                found, self._decisions, datetime.now(UTC).date(), complete=self._is_complete
            ),
            coverage=self.findings.tally.coverage(self._matched, dict(self.config.ignored)),
            noise=self.findings.rules.noise,
            latency=self.findings.tally.latency(),
            counts=self._counts(found),
            seed=self.config.seed,
            seconds=self._budget.spent,
            interrupted=self._is_interrupted,
            notes=tuple(self.findings.notes),
            evidence={key: each.evidence for key, each in self.findings.sightings.items()},
            traps=_trap_notes(found),
            finished=datetime.now(UTC),
        )
        self._listen(RunFinished(report))
        return report

    async def _verify(self) -> None:
        verifier = Verifier(self._sides, self.findings, self._budget)
        await verifier.verify(self._listen)

    def _made(self) -> list[Probe]:
        made = dict.fromkeys(make(self._matched, seed=self.config.seed))
        made |= dict.fromkeys(generated(self._matched, self.config.seed, self.config.generated))
        return self._wanted(made)

    def _wanted(self, probes: Iterable[Probe]) -> list[Probe]:
        return [probe for probe in probes if probe.route not in self.config.ignored]

    def _counts(self, found: Sequence[Divergence]) -> dict[str, int]:
        return {
            "routes": len(self._matched.routes),
            "probes": len(self._probes),
            **self.findings.tally.counts,
            "divergences": len(found),
            "causes": len({each.cause for each in found}),
        }


def _trap_notes(found: Iterable[Divergence]) -> dict[str, TrapNote]:
    traps = {each.trap for each in found if each.trap in CATALOGUE}
    return {
        trap: TrapNote(CATALOGUE[trap].title, CATALOGUE[trap].cure, CATALOGUE[trap].client_view)
        for trap in sorted(trap for trap in traps if trap)
    }
