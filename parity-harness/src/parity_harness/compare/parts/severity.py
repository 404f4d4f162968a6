"""How badly a difference hurts a client."""

from __future__ import annotations

from parity_harness.compare.parts.differences import Difference
from parity_harness.model.divergence import Kind, Severity

_BY_KIND = {
    Kind.STATUS: Severity.CRITICAL,
    Kind.FAILURE: Severity.CRITICAL,
    Kind.TRUNCATED: Severity.CRITICAL,
    Kind.EFFECT: Severity.CRITICAL,
    Kind.STATE: Severity.CRITICAL,
    Kind.ROUTE_MISSING: Severity.CRITICAL,
    Kind.REASON: Severity.COSMETIC,
    Kind.ROUTE_EXTRA: Severity.MINOR,
    Kind.CHUNKS: Severity.MINOR,
    Kind.LATENCY: Severity.MINOR,
}

_HEADERS_CLIENTS_ACT_ON = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "content-disposition",
        "content-encoding",
        "content-range",
        "location",
        "retry-after",
        "set-cookie",
        "www-authenticate",
    }
)

_FIRST_ERROR = 400


def severity(difference: Difference, status: int) -> Severity:
    """Return how badly a difference hurts, in an answer with this status of the baseline."""
    if difference.spelling:
        return Severity.COSMETIC
    if difference.kind in _BY_KIND:
        return _BY_KIND[difference.kind]
    head = str(difference.path[0])
    if head.startswith("header:"):
        return _of_header(difference, head.removeprefix("header:"), status)
    if status >= _FIRST_ERROR and difference.kind in {Kind.BYTES, Kind.VALUE}:
        return Severity.MINOR  # the wording of an error
    return Severity.MAJOR


def _of_header(difference: Difference, name: str, status: int) -> Severity:
    if name in _HEADERS_CLIENTS_ACT_ON:
        return Severity.MAJOR
    if difference.kind is Kind.MEDIA_TYPE and status < _FIRST_ERROR:
        same_essence = _essence(difference.baseline) == _essence(difference.candidate)
        return Severity.MINOR if same_essence else Severity.MAJOR
    return Severity.MINOR


def _essence(value: object) -> str:
    return str(value).partition(";")[0]
