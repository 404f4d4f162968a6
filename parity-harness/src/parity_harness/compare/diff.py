"""Two exchanges in, every difference that a client could notice out."""

from __future__ import annotations

from parity_harness.compare.parts.answers import differences
from parity_harness.compare.parts.differences import Difference, collapse, pointer, show
from parity_harness.compare.parts.severity import severity
from parity_harness.compare.rules import NO_ROUTE, Rules
from parity_harness.model.divergence import Divergence, Kind, Strictness
from parity_harness.model.exchange import Exchange


def compare(
    baseline: Exchange, candidate: Exchange, rules: Rules, strictness: Strictness
) -> tuple[Divergence, ...]:
    """Return the differences of two answers to one probe, in the order a reader would look.

    Ids that meet for the first time are matched in `rules.identities`. Answers whose statuses are
    of different classes are compared no further: another answer has another body.
    """
    found = differences(baseline, candidate, rules, strictness)
    if not found:
        return ()
    return tuple(_divergence(each, baseline, candidate) for each in collapse(found))


def _divergence(difference: Difference, baseline: Exchange, candidate: Exchange) -> Divergence:
    probe = baseline.probe
    return Divergence(
        kind=difference.kind,
        severity=severity(difference, baseline.response.status),
        method=probe.method,
        route=probe.route or NO_ROUTE,
        path=pointer(difference.path),
        baseline=_shown(difference, difference.baseline),
        candidate=_shown(difference, difference.candidate),
        purpose=probe.purpose,
        statuses=(baseline.response.status, candidate.response.status),
    )


def _shown(difference: Difference, value: object) -> str:
    if difference.kind is Kind.LENGTH and isinstance(value, list):
        return f"{len(value)} items"
    as_json = difference.kind not in {Kind.BYTES, Kind.STATUS, Kind.FAILURE} and not isinstance(
        value, str
    )
    in_body = str(difference.path[0]) == "body:" and difference.kind not in {
        Kind.BYTES,
        Kind.TRUNCATED,
        Kind.CHUNKS,
    }
    return show(value, as_json=as_json or in_body)
