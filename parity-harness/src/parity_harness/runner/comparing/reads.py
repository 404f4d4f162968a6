"""Reads that show the state of both sides: what a write changed must be the same change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from parity_harness.discovery.inventory import Matched
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.comparing.findings import Findings

PURPOSE = "state"
_MOST = 12
_OF_STATE = (Kind.STATUS, Kind.VALUE, Kind.LENGTH, Kind.ORDER, Kind.IDENTITY)
_SHIFTING = (Kind.STATUS, Kind.LENGTH, Kind.ORDER)
"""Kinds that explain whatever else differs in the same answer: rows are compared by position."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A read that both sides answer otherwise than when their state was fresh.

    Not every one is a difference of state: a date printed otherwise shows with the first row.
    """

    divergence: Divergence
    evidence: Evidence
    read: Probe

    @property
    def is_of_state(self) -> bool:
        """Whether what is stored differs, as far as a read can tell."""
        return self.divergence.trap is None and self.divergence.kind in _OF_STATE

    def caused_by(self, write: Probe) -> Divergence:
        """Return the divergence as what it is: a consequence of a write."""
        return replace(
            self.divergence,
            kind=Kind.STATE,
            severity=Severity.CRITICAL,
            method=write.method,
            route=write.route or self.divergence.route,
            path=f"state:{self.read.target}/{self.divergence.path}",
            purpose=write.purpose,
        )


def state_probes(matched: Matched) -> tuple[Probe, ...]:
    """Return GETs of all routes without path parameters, as far as both sides have them."""
    found = [
        Probe("GET", route.template, route=route.template, purpose=PURPOSE)
        for route in matched.routes
        if "GET" in route.methods and "{" not in route.template
    ]
    return tuple(found[:_MOST])


class StateReads:
    """Compares the same reads on both sides, again and again."""

    def __init__(self, probes: Sequence[Probe], findings: Findings) -> None:
        self.probes = tuple(probes)
        self.has_changed = False
        self._findings = findings
        self._last: dict[Probe, tuple[bytes, ...]] = {}

    async def differing(self, sides: Sides) -> list[Difference]:
        """Return what differs now and never did before, read by read."""
        found: list[Difference] = []
        self.has_changed = False
        for probe in self.probes:
            answers = await sides.ask(probe)
            bodies = tuple(answer.response.body for answer in answers)
            if self._last.get(probe) != bodies:  # most writes are refused: nothing is new then
                self.has_changed = True
                self._last[probe] = bodies
                found += _telling(list(self._new(Evidence(*answers))))
        return found

    def distrust(self, differences: Iterable[Difference]) -> None:
        """Leave reads out from now on that differ in a fresh state: the fault is their own."""
        faulty = {each.read for each in differences if each.is_of_state}
        self.probes = tuple(probe for probe in self.probes if probe not in faulty)

    def _new(self, evidence: Evidence) -> Iterator[Difference]:
        for each in self._findings.compare(evidence.baseline, evidence.candidate):
            if not self._findings.has_place(each):  # else the read is at fault, not the state
                yield Difference(each, evidence, evidence.baseline.probe)


def _telling(differences: list[Difference]) -> list[Difference]:
    shifting = [each for each in differences if each.divergence.kind in _SHIFTING]
    return shifting[:1] or differences
