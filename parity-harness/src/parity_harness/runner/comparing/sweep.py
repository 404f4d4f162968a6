"""Sends all probes to both sides in one long sequence, and keeps their states alike.

After every write the known reads are compared. Where the states came apart, what did it is
reported, both sides are reset, and the writes that both agreed on are replayed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from parity_harness.events import Progress
from parity_harness.model.contract import Step
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Evidence, Exchange, Probe
from parity_harness.runner.asking.patience import PatientAsker
from parity_harness.runner.asking.sides import SAFE, Sides
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings, Sighting
from parity_harness.runner.comparing.reads import Difference, StateReads

_TRUSTED_AFTER = 2  # successes of a safe operation that changed nothing
_MOST_STARTS = 12  # per operation, before further requests to it are left out
_PROGRESS = 25
_FIRST_ERROR = 400
_CREATED = (201, 202)


class Sweep:
    """One pass over the probes."""

    def __init__(self, sides: Sides, findings: Findings, reads: StateReads, budget: Budget) -> None:
        self._environment: Mapping[str, str] = {}
        self._sides = sides
        self._findings = findings
        self._reads = reads
        self._budget = budget
        self._asker = PatientAsker(sides, self._start_over)
        self._writes: list[Step] = []
        self._history: list[Step] = []
        self._harmless: Counter[tuple[str, str | None]] = Counter()
        self._starts: Counter[tuple[str, str | None]] = Counter()

    @property
    def limited(self) -> dict[str, Probe]:
        """A probe by route that hit a rate limit."""
        return self._asker.limited

    async def run(self, probes: Sequence[Probe]) -> int:
        """Send probes until they or the budget end; return how many were sent."""
        await self._begin()
        for done, probe in enumerate(probes):
            if self._budget.is_spent():
                return done
            if self._starts[_operation(probe)] < _MOST_STARTS:
                await self._send(probe)
            if done % _PROGRESS == 0:
                self._findings.listen(Progress(done))
        return len(probes)

    async def _begin(self) -> None:
        await self._fresh()
        found = await self._reads.differing(self._sides)
        self._findings.keep(self._plain(each) for each in found)
        self._reads.distrust(found)

    async def _send(self, probe: Probe) -> None:
        baseline, candidate = await self._asker.ask(probe)
        self._history.append(Step(probe))
        found = self._findings.judge(baseline, candidate)
        self._keep(found, Evidence(baseline, candidate))
        if self._may_have_written(baseline, candidate):
            await self._compare_states(baseline, candidate)

    async def _compare_states(self, baseline: Exchange, candidate: Exchange) -> None:
        probe = baseline.probe
        differing = await self._reads.differing(self._sides)
        of_state = [each for each in differing if each.is_of_state]
        self._findings.keep(self._of_state(each, probe) for each in of_state)
        self._findings.keep(
            self._plain(each, after=probe) for each in differing if not each.is_of_state
        )
        if of_state or _came_apart(baseline, candidate):
            self._note_start(probe)
            await self._start_over()
        elif self._reads.has_changed or (probe.method not in SAFE and _succeeded(baseline)):
            self._writes.append(Step(probe))
        else:
            self._harmless[_operation(probe)] += 1

    def _may_have_written(self, *exchanges: Exchange) -> bool:
        probe = exchanges[0].probe
        if probe.method not in SAFE or any(_created(each) for each in exchanges):
            return True
        if self._harmless[_operation(probe)] >= _TRUSTED_AFTER or not self._reads.probes:
            return False
        return probe.method == "GET" and any(_succeeded(each) for each in exchanges)

    def _note_start(self, probe: Probe) -> None:
        self._starts[_operation(probe)] += 1
        if self._starts[_operation(probe)] == _MOST_STARTS:
            self._findings.note(
                f"further requests to {probe.method} {probe.route} were left out:"
                f" {_MOST_STARTS} of them left the two sides in different states"
            )

    async def _start_over(self) -> None:
        writes = list(self._writes)
        await self._fresh()
        for write in writes:
            baseline, candidate = await self._sides.ask(write.probe)
            self._findings.compare(baseline, candidate)  # matches the ids of both sides again
        self._writes, self._history = writes, list(writes)
        if any(each.is_of_state for each in await self._reads.differing(self._sides)):
            self._findings.note("writes that both sides had agreed on did not agree when repeated")
            self._writes = []
            await self._fresh()

    async def _fresh(self) -> None:
        await self._sides.fresh(self._environment)
        self._findings.fresh_state()
        self._findings.tally.counts["fresh states"] += 1
        self._writes, self._history = [], []

    def _keep(self, found: Sequence[Divergence], evidence: Evidence) -> None:
        if found:
            steps = (*self._writes, Step(evidence.baseline.probe))
            history = tuple(self._history)
            self._findings.keep(Sighting(each, evidence, steps, history) for each in found)

    def _plain(self, difference: Difference, after: Probe | None = None) -> Sighting:
        last = Step(difference.read)
        steps, history = (*self._writes, last), (*self._history, last)
        writes = (after,) if after else ()
        (divergence,) = self._findings.following([difference.divergence], writes)
        return Sighting(divergence, difference.evidence, steps, history)

    def _of_state(self, difference: Difference, write: Probe) -> Sighting:
        return Sighting(
            difference.caused_by(write),
            difference.evidence,
            (*self._writes, Step(write)),
            tuple(self._history),
            read=difference.read,
        )


def _operation(probe: Probe) -> tuple[str, str | None]:
    return probe.method, probe.route


def _created(exchange: Exchange) -> bool:
    """Whether it says that it made something, whatever its method promises."""
    return exchange.response.status in _CREATED


def _succeeded(exchange: Exchange) -> bool:
    return 0 < exchange.response.status < _FIRST_ERROR


def _came_apart(baseline: Exchange, candidate: Exchange) -> bool:
    """Whether only one side took a write: reads may not show all that it changed."""
    is_write = baseline.probe.method not in SAFE
    return is_write and _succeeded(baseline) != _succeeded(candidate)
