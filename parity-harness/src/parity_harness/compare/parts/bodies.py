"""Bodies of two answers: JSON by value, text by line, all else by byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from parity_harness.compare.headers import media_type
from parity_harness.compare.json_tokens import parse
from parity_harness.compare.parts.differences import Difference
from parity_harness.compare.parts.spelling import describe, spelling
from parity_harness.compare.parts.terms import Terms
from parity_harness.compare.rules import Node
from parity_harness.model.divergence import Kind, Strictness
from parity_harness.model.exchange import Response

HEAD = "body:"

_JSON_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_CONTEXT = 40


def compare_bodies(one: Response, two: Response, terms: Terms) -> Iterator[Difference]:
    """Yield what differs in two bodies; text differs once, at its first other line.

    Where one side's media type is of another family the bodies cannot be held together: that
    difference has been told by the media type.
    """
    if one.body == two.body:
        return
    family, other = _family(one) or _family(two), _family(two) or _family(one)
    if not (one.body and two.body):
        yield Difference(Kind.BYTES, (HEAD,), _start(one.body), _start(two.body))
    elif family != other:
        return
    elif family == "json":
        yield from _json(one, two, terms)
    elif family == "json lines":
        yield from _json_lines(one.body, two.body, terms)
    else:
        yield from _text_or_bytes(one, two, terms)


def _family(response: Response) -> str:
    essence, _ = media_type(response.header("content-type") or "")
    if essence == "application/json" or essence.endswith("+json"):
        return "json"
    if essence in _JSON_LINES:
        return "json lines"
    return "text" if essence.startswith("text/") else essence and "bytes"


def _json(one: Response, two: Response, terms: Terms) -> Iterator[Difference]:
    try:
        first = parse(one.body)
    except ValueError:
        yield from _text_or_bytes(one, two, terms)
        return
    try:
        second = parse(two.body)
    except ValueError:
        yield Difference(Kind.BYTES, (HEAD,), _start(one.body), f"not JSON: {_start(two.body)}")
        return
    values, rules = terms.values, terms.tree.child(HEAD)
    before = len(values.found)
    if not values.try_walk(first, second, (HEAD,), rules):
        yield from _text_or_bytes(one, two, terms)
    elif terms.strictness is Strictness.BYTES and len(values.found) == before:
        yield from _spelling(values.translate(one.body.decode()), two.body.decode(), rules)


def _spelling(one: str, two: str, rules: Node) -> Iterator[Difference]:
    """Hold equal values to the byte; where some are volatile, to how they are written."""
    if one == two:
        return
    with_keys = not rules.keys_vary
    if not rules.is_empty and spelling(one, keys=with_keys) == spelling(two, keys=with_keys):
        return
    told, other = describe(one, two)
    yield Difference(Kind.BYTES, (HEAD,), told, other, spelling=True)


def _json_lines(one: bytes, two: bytes, terms: Terms) -> Iterator[Difference]:
    try:
        first, second = ([parse(line) for line in body.splitlines()] for body in (one, two))
    except ValueError:
        yield Difference(Kind.BYTES, (HEAD,), _start(one), _start(two))
        return
    terms.values.walk(first, second, (HEAD,), terms.tree.child(HEAD))


def _text_or_bytes(one: Response, two: Response, terms: Terms) -> Iterator[Difference]:
    try:
        first, second = one.body.decode(_charset(one)), two.body.decode(_charset(two))
    except (UnicodeDecodeError, LookupError):
        yield Difference(Kind.BYTES, (HEAD,), _digest(one.body), _digest(two.body))
        return
    yield from _lines(first, second, terms)


def _lines(one: str, two: str, terms: Terms) -> Iterator[Difference]:
    """Compare line by line, for volatile ones have rules; other line counts differ as a whole."""
    first, second = one.split("\n"), two.split("\n")
    if len(first) != len(second):
        yield Difference(Kind.BYTES, (HEAD,), *_excerpts(one, two))
        return
    values, rules = terms.values, terms.tree.child(HEAD)
    mark = len(values.found)
    for number, (line, other) in enumerate(zip(first, second, strict=True), 1):
        if line != other:
            place = f"line {number}"
            values.walk(line, other, (HEAD, place), rules.child(place))
    for each in values.found[mark:]:
        yield Difference(Kind.BYTES, each.path, each.baseline, each.candidate)
    del values.found[mark:]


def _excerpts(one: str, two: str) -> tuple[str, str]:
    """Cut both texts where they begin to differ."""
    pairs = enumerate(zip(one, two, strict=False))
    where = next((i for i, (a, b) in pairs if a != b), min(len(one), len(two)))
    return _around(one, where), _around(two, where)


def _around(text: str, where: int) -> str:
    start = max(0, where - _CONTEXT)
    return ("…" if start else "") + text[start : where + _CONTEXT]


def _charset(response: Response) -> str:
    _, parameters = media_type(response.header("content-type") or "")
    return parameters.get("charset", "utf-8")


def _start(body: bytes) -> str:
    return body[: 2 * _CONTEXT].decode(errors="replace") or "(empty)"


def _digest(body: bytes) -> str:
    return f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:12]}"
