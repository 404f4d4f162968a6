"""Reads that show the state of both sides: what a write changed must be the same change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parity_harness.discovery.inventory import Matched
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.findings import Findings
from parity_harness.runner.sides import Sides

PURPOSE = "state"
_MOST = 12
_OF_STATE = (Kind.STATUS, Kind.VALUE, Kind.LENGTH, Kind.ORDER, Kind.IDENTITY)


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
        self._last: tuple[bytes, ...] = ()

    async def differing(self, sides: Sides) -> list[Difference]:
        """Return what differs now and never did before, read by read."""
        found: list[Difference] = []
        bodies: list[bytes] = []
        for probe in self.probes:
            baseline, candidate = await sides.ask(probe)
            bodies.append(baseline.response.body)
            for each in self._findings.compare(baseline, candidate):
                if not self._findings.has_place(each):  # else the read is at fault, not the state
                    found.append(Difference(each, Evidence(baseline, candidate), probe))
        self.has_changed = tuple(bodies) != self._last
        self._last = tuple(bodies)
        return found
