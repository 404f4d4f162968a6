"""Two exchanges in, every difference that a client could notice out."""

from __future__ import annotations

from parity_harness.compare.rules import NO_ROUTE, Rules
from parity_harness.model.divergence import Divergence, Kind, Severity, Strictness
from parity_harness.model.exchange import Exchange


def compare(
    baseline: Exchange, candidate: Exchange, rules: Rules, strictness: Strictness
) -> tuple[Divergence, ...]:
    """Return the differences of two answers to one probe, in the order a reader would look."""
    one, two, probe = baseline.response, candidate.response, baseline.probe
    if one.status == two.status and one.body == two.body:
        return ()
    kind, path = (Kind.STATUS, "status") if one.status != two.status else (Kind.BYTES, "body:")
    return (
        Divergence(
            kind,
            Severity.CRITICAL,
            probe.method,
            probe.route or NO_ROUTE,
            path,
            str(one.status),
            str(two.status),
            purpose=probe.purpose,
            statuses=(one.status, two.status),
        ),
    )
