"""Header fields of two answers: presence by name, values by what they mean."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.compare.headers import meaning, media_type
from parity_harness.compare.parts.differences import ABSENT, Difference
from parity_harness.compare.parts.terms import Terms
from parity_harness.model.divergence import Kind
from parity_harness.model.exchange import Exchange, Headers, Response

_CONSEQUENCES = frozenset({"content-length"})  # of the body, which is compared itself
_WITHOUT_BODY = frozenset({204, 304})


def compare_fields(one: Headers, two: Headers, terms: Terms) -> Iterator[Difference]:
    """Yield what differs in the fields of two answers, by name."""
    first, second = _by_name(one, terms.ignored), _by_name(two, terms.ignored)
    for name in sorted(first.keys() | second.keys()):
        path = f"header:{name}"
        if name not in second:
            yield Difference(Kind.HEADER_MISSING, (path,), ", ".join(first[name]), ABSENT)
        elif name not in first:
            yield Difference(Kind.HEADER_EXTRA, (path,), ABSENT, ", ".join(second[name]))
        elif first[name] != second[name] and name not in _CONSEQUENCES:
            yield from _field(name, first[name], second[name], terms)


def compare_lengths(one: Exchange, two: Exchange, terms: Terms) -> Iterator[Difference]:
    """Yield a Content-Length that is wrong on the candidate's side only, or differs for HEAD."""
    path = ("header:content-length",)
    first, second = (each.response.header("content-length") for each in (one, two))
    if first is None or second is None or first == second or terms.tree.child(path[0]).forms:
        return
    if one.probe.method == "HEAD":
        if not is_json(one.response) and _same_media(one.response, two.response):
            yield Difference(Kind.HEADER_VALUE, path, first, second)
    elif _honest(one.response) and not _honest(two.response):
        told = f"{second}, with a body of {len(two.response.body)} bytes"
        yield Difference(Kind.HEADER_VALUE, path, first, told)


def is_json(response: Response) -> bool:
    """Return whether an answer says that it is JSON (RFC 8259, RFC 6839)."""
    essence, _ = media_type(response.header("content-type") or "")
    return essence == "application/json" or essence.endswith("+json")


def _by_name(headers: Headers, ignored: frozenset[str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in ignored:
            fields.setdefault(lower, []).append(value)
    return fields


def _field(name: str, one: list[str], two: list[str], terms: Terms) -> Iterator[Difference]:
    kind = Kind.MEDIA_TYPE if name == "content-type" else Kind.HEADER_VALUE
    path, values = f"header:{name}", terms.values
    mark = len(values.found)
    values.walk(meaning(name, one), meaning(name, two), (path,), terms.tree.child(path))
    for each in values.found[mark:]:
        yield Difference(kind, each.path, each.baseline, each.candidate)
    del values.found[mark:]


def _same_media(one: Response, two: Response) -> bool:
    first, second = (media_type(each.header("content-type") or "") for each in (one, two))
    return first == second


def _honest(response: Response) -> bool:
    declared = response.header("content-length")
    if declared is None or response.status in _WITHOUT_BODY:
        return True
    return declared.strip() == str(len(response.body))
