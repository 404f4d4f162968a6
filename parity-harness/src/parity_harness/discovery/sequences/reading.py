"""The reads that need no parameters: what a scenario looks at after a write."""

from __future__ import annotations

from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes.drafts import draft
from parity_harness.model.contract import Step

MOST = 8


def plain_reads(matched: Matched) -> tuple[Step, ...]:
    """Return a step for each GET without path parameters, the first MOST of them."""
    reads = [
        draft(route, operation).probe(f"read {route.template}")
        for route in matched.routes
        for operation in route.operations
        if operation.method == "GET" and "{" not in route.template
    ]
    return tuple(Step(probe) for probe in reads[:MOST])
