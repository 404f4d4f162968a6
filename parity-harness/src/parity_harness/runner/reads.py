"""Reads that show the state of both sides: what a write changed must be the same change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parity_harness.discovery.inventory import Matched
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.findings import Findings
from parity_harness.runner.sides import Sides

PURPOSE = "state"
_MOST = 12
_POSITION = re.compile(r"/\d+(?=/|$)")
_OF_STATE = (Kind.STATUS, Kind.VALUE, Kind.LENGTH, Kind.ORDER, Kind.IDENTITY)

Sign = tuple[str, str, str]
"""Read, kind and place: what of a read differed before anything was written."""


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
        self._known: set[Sign] = set()
        self._last: tuple[bytes, ...] = ()

    async def differing(self, sides: Sides) -> list[Difference]:
        """Return what differs now and never did before, read by read."""
        found: list[Difference] = []
        bodies: list[bytes] = []
        for probe in self.probes:
            baseline, candidate = await sides.ask(probe)
            bodies.append(baseline.response.body)
            for each in self._findings.compare(baseline, candidate):
                difference = Difference(each, Evidence(baseline, candidate), probe)
                if self._is_new(difference):
                    found.append(difference)
        self.has_changed = tuple(bodies) != self._last
        self._last = tuple(bodies)
        return found

    async def accept(self, sides: Sides) -> list[Difference]:
        """Return what differs, and take all of it for known: the state is fresh."""
        found = await self.differing(sides)
        self._known |= {_sign(each) for each in found}
        return found

    def _is_new(self, difference: Difference) -> bool:
        sign = _sign(difference)
        is_new = sign not in self._known
        if not difference.is_of_state:
            self._known.add(sign)
        return is_new


def same_place(one: Divergence, other: Divergence) -> bool:
    """Tell whether two divergences of one read speak of the same place, whatever the position."""
    return _POSITION.sub("/*", one.path) == _POSITION.sub("/*", other.path)


def _sign(difference: Difference) -> Sign:
    divergence = difference.divergence
    return difference.read.target, divergence.kind, _POSITION.sub("/*", divergence.path)
