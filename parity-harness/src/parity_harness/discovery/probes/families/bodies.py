"""JSON bodies: each key missing, null, wrong, at its limits; bodies that are no JSON at all.

What may poison the state for every later request (NaN in a sum) is asked in `sequences.poisons`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from parity_harness.discovery.probes.examples import PLAIN, example
from parity_harness.discovery.probes.families.body_values import (
    DATES,
    LADDER,
    MEDIA,
    RAW,
    TEXTS,
    WRONG,
)
from parity_harness.discovery.probes.limits import limits
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.discovery.shapes import Shape

WRITES = ("POST", "PUT", "PATCH")


def probes(case: Case) -> Ranked:
    """Yield bodies for an operation that reads JSON, and one for a write that reads none."""
    shape = case.operation.body
    if shape is None:
        if case.operation.method in WRITES:
            yield LATER, case.draft.telling({"parity": 1}).probe("body: unasked for")
            yield LATER, case.draft.sending(b"", None).probe("body: none")
        return
    yield from _fields(case, shape)
    yield from _labels(case, shape)
    for rank, name, body in RAW:
        yield rank, case.draft.sending(body).probe(f"body: {name}")


def _fields(case: Case, shape: Shape) -> Ranked:
    valid = _base(case, shape)
    if not isinstance(valid, dict) or not valid:
        return
    yield USUAL, case.draft.telling({**valid, "parity_extra": 1}).probe("body: extra key")
    yield LIKELY, case.draft.telling(_only(valid, shape)).probe("body: required keys only")
    number = count()
    for name, field in shape.fields:
        for rank, what, body in _spoilt({name: None, **valid}, name, field):
            told = _renamed(body, name, next(number)) if case.operation.method == "POST" else body
            yield rank, case.draft.telling(told).probe(f"body {name}: {what}")


def _base(case: Case, shape: Shape) -> object:
    """Return the valid body: the draft's own, since it may have been learned."""
    try:
        value: object = json.loads(case.draft.body)
    except ValueError:
        return example(shape)
    return value


def _renamed(body: object, name: str, number: int) -> object:
    """Give other plain texts another ending: a name that must be unique would hide the rest."""
    if not isinstance(body, dict):
        return body
    return {
        key: f"{value}{number}" if key != name and value == PLAIN else value
        for key, value in body.items()
    }


def _only(valid: dict[str, Any], shape: Shape) -> dict[str, Any]:
    return {key: value for key, value in valid.items() if key in shape.required}


def _spoilt(valid: dict[str, Any], name: str, field: Shape) -> Iterator[tuple[int, str, object]]:
    others = {key: value for key, value in valid.items() if key != name}
    yield LIKELY, "missing", others
    for rank, what, value in values(field, name):
        yield rank, what, {**valid, name: value}
    if field.kind == "object" or field.fields:
        yield from _nested(valid, name, field)
    elif field.items and field.items.fields:
        yield from _items(valid, name, field.items)


def _nested(valid: dict[str, Any], name: str, field: Shape) -> Iterator[tuple[int, str, object]]:
    inner = valid[name]
    for key, shape in field.fields if isinstance(inner, dict) else ():
        for rank, what, body in _spoilt(inner, key, shape):
            yield max(rank, USUAL), f"{key}: {what}", {**valid, name: body}


def _items(valid: dict[str, Any], name: str, item: Shape) -> Iterator[tuple[int, str, object]]:
    inner = example(item)
    if not isinstance(inner, dict):
        return
    yield USUAL, "two items", {**valid, name: [inner, inner]}
    for key, shape in item.fields:
        for rank, what, body in _spoilt(inner, key, shape):
            yield max(rank, USUAL), f"item {key}: {what}", {**valid, name: [body]}


def values(field: Shape, name: str) -> Iterator[tuple[int, str, object]]:
    """Yield values for one key: what the source compares with, its limits, every wrong type."""
    yield LIKELY, "null", None
    for constant in field.constants:
        yield LIKELY, f"{constant!r}", constant
    yield from ((LIKELY, what, value) for what, value in limits(field))
    for what, value in WRONG:
        yield USUAL, what, value
    if field.kind == "integer":
        yield from ((LATER, f"{number}", number) for number in LADDER)
    if field.kind in ("string", "any"):
        yield LATER, "other case", str(example(field, name)).swapcase()
        for what, text in TEXTS:
            yield LATER, what, text
    if field.format.startswith("date") or _is_date(example(field, name)):
        yield from ((USUAL, f"date {date}", date) for date in DATES)
    if field.kind == "array":
        yield USUAL, "list of numbers", [1, 2]
        yield USUAL, "list with null", [None]
        yield LATER, "repeated items", ["alpha", "alpha", "beta"]
        yield LATER, "an empty item", ["alpha", "", "beta"]
        yield LATER, "101 items", [f"alpha{number}" for number in range(101)]


def _is_date(value: object) -> bool:
    return isinstance(value, str) and value.startswith("2024-05-17")


def _labels(case: Case, shape: Shape) -> Ranked:
    body = json.dumps(_base(case, shape)).encode()
    for rank, name, media in MEDIA:
        yield rank, case.draft.sending(body, media).probe(f"content type: {name}")
    yield ODD, case.draft.sending(b"", None).probe("body: none")
