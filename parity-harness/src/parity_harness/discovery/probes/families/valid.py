"""Requests that should succeed: reads, writes, removals, and the reads again."""

from __future__ import annotations

from parity_harness.discovery.probes.ranks import (
    LAST,
    REMOVING,
    VALID_READ,
    VALID_WRITE,
    Case,
    Ranked,
)


def probes(case: Case) -> Ranked:
    """Yield the valid request; a removal late, so that others still find something."""
    probe = case.draft.probe("valid request")
    if case.operation.method == "DELETE":
        yield REMOVING, probe
    elif not case.is_read:
        yield VALID_WRITE, probe
    else:
        yield VALID_READ, probe
        yield LAST, case.draft.probe("valid request after all writes")
