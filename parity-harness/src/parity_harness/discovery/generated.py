"""Probes that Hypothesis makes from shapes, beyond the hand-chosen values."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes.making import cases_of
from parity_harness.model.exchange import Probe


def generated(matched: Matched, seed: int, count: int, seen: Seen = ()) -> Iterator[Probe]:
    """Yield at most `count` further probes; the same seed gives the same probes.

    `seen` shows which bodies the baseline took, where the source does not.
    """
    cases = [case for route in matched.routes for case in cases_of(route, seen=seen)]
    telling = [
        case
        for case in cases
        if case.operation.method != "DELETE"  # what exists is needed by the probes that follow
        and (case.route.baseline.path or case.operation.parameters or case.operation.body)
    ]
    if not telling or count <= 0:
        return
    # Hypothesis takes longer to import than a short run takes
    from parity_harness.discovery.strategies import draw  # noqa: PLC0415  # see above

    requests = dict.fromkeys(made.probe("") for made in draw(telling, seed, count))
    for number, probe in enumerate(requests, 1):
        yield Probe(
            method=probe.method,
            target=probe.target,
            headers=probe.headers,
            body=probe.body,
            route=probe.route,
            purpose=f"generated {number}",
        )
