"""Reads what both sides offer, and says what only one of them does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from parity_harness.discovery.inventory import Inventory, Matched, Route, match, of_app
from parity_harness.model.contract import Step
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.comparing.findings import Findings, Sighting
from parity_harness.targets.in_process.loading import load_app
from parity_harness.targets.making import Side

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_NOT_FOUND = (404, 405)


@dataclass(frozen=True, slots=True)
class _Lone:
    """A method of a route that one side lacks."""

    route: Route
    method: str
    kind: Kind


def matched_routes(baseline: Side, candidate: Side) -> Matched:
    """Return both routers side by side.

    Where only one can be read (the other is a command or a URL), it speaks for both.

    Raises:
        TargetError: an app cannot be loaded.
    """
    ours, theirs = _inventory(baseline), _inventory(candidate)
    if ours is None and theirs is None:
        return Matched(notes=("neither router can be read: declare scenarios, or give an app",))
    if ours is None or theirs is None:
        known = ours or theirs or Inventory()
        unread = candidate if theirs is None else baseline
        note = f"the routes of {unread.spec.text} cannot be read: those of the other side are used"
        return match(known, Inventory(known.routes, (note,), known.framework))
    return match(ours, theirs)


async def lone_routes(
    matched: Matched, sides: Sides, findings: Findings, ignored: Collection[str] = ()
) -> None:
    """Ask for what only one router names, and keep what is really only there."""
    for lone in _lone(matched):
        if lone.route.template in ignored:
            continue
        target = _PLACEHOLDER.sub("1", lone.route.template)
        probe = Probe(lone.method, target, route=lone.route.template, purpose="route on one side")
        baseline, candidate = await sides.ask(probe)
        lacking = candidate if lone.kind is Kind.ROUTE_MISSING else baseline
        if lacking.response.status not in _NOT_FOUND:
            findings.note(f"{lone.method} {lone.route.template} is in one router only, yet answers")
            continue
        evidence = Evidence(baseline, candidate)
        findings.keep([Sighting(_divergence(lone, evidence), evidence, (Step(probe),))])


def _inventory(side: Side) -> Inventory | None:
    if not side.spec.is_app:
        return None
    return of_app(load_app(side.spec, side.environment))


def _lone(matched: Matched) -> Iterator[_Lone]:
    for routes, kind in ((matched.missing, Kind.ROUTE_MISSING), (matched.extra, Kind.ROUTE_EXTRA)):
        for route in routes:
            if not route.implicit:  # what no one wrote is asked for by probes
                yield from (_Lone(route, method, kind) for method in route.methods)


def _divergence(lone: _Lone, evidence: Evidence) -> Divergence:
    is_missing = lone.kind is Kind.ROUTE_MISSING
    statuses = (evidence.baseline.response.status, evidence.candidate.response.status)
    return Divergence(
        kind=lone.kind,
        severity=Severity.CRITICAL if is_missing else Severity.MINOR,
        method=lone.method,
        route=lone.route.template,
        path="route",
        baseline="there" if is_missing else "absent",
        candidate="absent" if is_missing else "there",
        purpose="inventory",
        statuses=statuses,
    )
