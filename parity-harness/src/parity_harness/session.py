"""One run, from two targets to a report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from parity_harness.compare.rules import Rules
from parity_harness.config import Config
from parity_harness.errors import ConfigurationError
from parity_harness.events import Event, Listener, PhaseStarted, Progress, RunFinished, RunStarted
from parity_harness.files import contract, decisions
from parity_harness.files.recording import Recorded, Recording
from parity_harness.model.contract import Scenario
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report
from parity_harness.runner.asking.pairing import paired, recording_of, without_servers
from parity_harness.runner.asking.recorded import by_route, recorded
from parity_harness.runner.asking.scenarios import Pair, alone
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings
from parity_harness.runner.comparing.limits import compare_limits
from parity_harness.runner.comparing.playing import Player
from parity_harness.runner.comparing.reads import StateReads
from parity_harness.runner.comparing.sweep import Sweep
from parity_harness.runner.preparing.naming import RouteNames
from parity_harness.runner.preparing.preparation import Preparation, Prepared, Wishes
from parity_harness.runner.preparing.routers import lone_routes, matched_routes
from parity_harness.runner.proving.confirming import Confirmer
from parity_harness.runner.proving.verifying import Verifier
from parity_harness.runner.reporting import Circumstances, made_report
from parity_harness.targets.in_process.watchdog import Watchdog

_FOR_PROBES, _FOR_SEQUENCES = 0.6, 0.5  # of what is left; the rest is for showing it again


def nobody(event: Event) -> None:
    """Listen to nothing."""
    del event


def scenarios_of(config: Config) -> tuple[Scenario, ...]:
    """Return the declared scenarios, or those of the recording that stands for the baseline.

    Raises:
        ContractFileError: a file cannot be read.
    """
    recording = recording_of(config.baseline)
    if recording:
        return recording.scenarios
    return tuple(scenario for path in config.scenarios for scenario in contract.load(path))


class Session:
    """Both sides of one configuration; use as an async context manager.

    `run` does everything; `prepare`, `play`, `probe`, `verify` and `report` are its parts, for
    those who want one outcome a scenario. TargetError, raised by any, says nothing about parity.
    """

    def __init__(
        self, config: Config, listen: Listener = nobody, scenarios: Sequence[Scenario] = ()
    ) -> None:
        self.config = config
        self.scenarios = (*scenarios_of(config), *scenarios)
        self.decisions = decisions.load(config.decisions) if config.decisions else ()
        self.findings = Findings(listen, Rules(), config.strictness)
        self.prepared = Prepared()
        self.is_complete = False
        self._listen = listen
        self._budget = Budget(config.budget)
        self._watchdog = Watchdog(config.timeout)
        self._recording = recording_of(config.baseline)
        self._sides = paired(config.sides, config.over, self._watchdog, self._recording)
        self._reads = StateReads((), self.findings)
        self._is_interrupted = False
        self._played: dict[str, tuple[Scenario, list[Pair]]] = {}

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
            await self.probe()
            await self.verify()
            self.is_complete = not (self.config.is_partial or self._budget.was_short)
        except asyncio.CancelledError:
            self._is_interrupted = True
        if not self.findings.tally.counts["exchanges"]:
            self._say_why_there_is_no_verdict()
        return self.report()

    async def prepare(self) -> None:
        """Read both routers, make probes, and learn what the baseline does not repeat."""
        config = self.config
        texts = [side.spec.text for side in config.sides]
        self._listen(RunStarted(texts[0], texts[1], config.seed))
        asked = self._sides.lone(1) if self._recording else self._sides
        await asked.fresh({})  # who cannot run says so before anything is learned
        matched = matched_routes(*config.sides)
        for note in matched.notes:
            self.findings.note(note)
        self.scenarios = RouteNames(matched).all_named(self.scenarios)
        if not (self.scenarios or matched.routes or matched.missing or matched.extra):
            raise ConfigurationError(
                "there is nothing to compare: neither router could be read, and no scenario is"
                " declared; write scenarios, or give one side as wsgi: or asgi:"
            )
        if self._recording:
            self.adopt(Prepared(matched, noise=self._recording.noise))
            return
        wishes = Wishes(config.zero_configuration, config.seed, config.generated, config.ignored)
        preparation = Preparation(self._sides.lone(0), matched, self._budget, self._listen)
        self.adopt(await preparation.prepare(wishes, self.scenarios))

    def adopt(self, prepared: Prepared) -> None:
        """Go by what was prepared, here or by another session with the same baseline."""
        self.prepared = prepared
        self._reads = StateReads(prepared.reads, self.findings)
        self.findings.rules = Rules(noise=prepared.noise, same_moment=self._recording is None)

    async def play(self, scenario: Scenario) -> tuple[Divergence, ...]:
        """Return what a scenario showed."""
        named = RouteNames(self.prepared.matched).named(scenario)
        rehearsal = self.prepared.rehearsals.get(named.name)
        player = Player(self._sides, self.findings, self._reads, rehearsal)
        shown = await player.play(named)
        if named.origin == "declared":
            self._played[named.name] = named, player.pairs
        return shown

    async def probe(self) -> None:
        """Send all probes, then the inferred sequences; a recording has its own among them."""
        if not self.config.zero_configuration or self._recording:
            return
        await self._rehearse_the_rest()
        await self._sweep()
        matched, ignored = self.prepared.matched, self.config.ignored
        await lone_routes(matched, self._sides, self.findings, ignored)
        inferred, budget = self.prepared.inferred, self._budget.part(_FOR_SEQUENCES)
        self._listen(PhaseStarted("sequences", len(inferred)))
        for done, scenario in enumerate(inferred):
            if budget.is_spent():
                self.findings.note(f"the budget ended after {done} of {len(inferred)} sequences")
                return
            await self.play(scenario)
            self._listen(Progress(done + 1))

    async def verify(self) -> None:
        """Show one divergence of every cause again; what cannot be repeated is dropped."""
        config = self.config
        confirmer = Confirmer(self._sides, self.findings)
        if self._recording or not config.can_start_afresh:
            Verifier(confirmer, self.findings).write_down()
            return
        async with without_servers(config.sides, config.over, self._watchdog) as in_process:
            second = Confirmer(in_process, self.findings) if in_process else None
            await Verifier(confirmer, self.findings, second).verify(self._budget, self._listen)

    async def record(self) -> Recording:
        """Return the baseline's exchanges in all scenarios and probes."""
        prepared = self.prepared
        return await self.record_scenarios(
            (*self.scenarios, *prepared.inferred, *by_route(prepared.probes))
        )

    async def record_scenarios(self, scenarios: Sequence[Scenario], *, side: int = 0) -> Recording:
        """Return the exchanges of one side, 0 being the baseline, in these scenarios.

        Declared ones that were played are not played again.
        """
        named = RouteNames(self.prepared.matched).all_named(scenarios)
        exchanges: list[Recorded] = []
        for scenario in named:
            played, pairs = self._played.get(scenario.name, (None, []))
            if played == scenario:
                exchanges += recorded(scenario, (pair[side] for pair in pairs))
            else:
                answered = await alone(scenario, self._sides.lone(side))
                exchanges += recorded(scenario, answered)
                if side == 0 and scenario.name in self.prepared.rehearsals:
                    noise = self.prepared.rehearsals[scenario.name].noise(answered)
                    self.findings.learn(noise)
        name = self.config.sides[side].spec.text
        noise = self.findings.rules.noise
        return Recording(name, self.config.seed, tuple(exchanges), named, noise)

    def report(self) -> Report:
        """Return the report of what was done so far."""
        config = self.config
        told = Circumstances(
            baseline=config.baseline.spec.text,
            candidate=config.candidate.spec.text,
            seed=config.seed,
            seconds=self._budget.spent,
            is_complete=self.is_complete,
            is_interrupted=self._is_interrupted,
            latency_ratio=config.latency_ratio or 0.0,
            ignored=config.ignored,
        )
        report = made_report(self.findings, self.prepared, self.decisions, told)
        self._listen(RunFinished(report))
        return report

    def _say_why_there_is_no_verdict(self) -> None:
        if self._is_interrupted:
            raise ConfigurationError("interrupted before anything was compared")
        if self._budget.was_short:
            raise ConfigurationError("the budget ended before anything was compared: give more")

    async def _rehearse_the_rest(self) -> None:
        """Learn what scenarios that were not played would have taught."""
        for scenario in self.scenarios:
            if scenario.name not in self._played:
                await self.record_scenarios((scenario,))

    async def _sweep(self) -> None:
        probes = self.prepared.probes
        self._listen(PhaseStarted("probes", len(probes)))
        sweep = Sweep(self._sides, self.findings, self._reads, self._budget.part(_FOR_PROBES))
        sent = await sweep.run(probes)
        if sent < len(probes):
            self.findings.note(f"the budget ended after {sent} of {len(probes)} probes")
        await compare_limits(sweep.limited.values(), self._sides, self.findings)
