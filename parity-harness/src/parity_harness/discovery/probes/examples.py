"""A value that a handler is likely to take, made from a shape and a name."""

from __future__ import annotations

import re

from parity_harness.discovery.shapes import Shape

PLAIN = "alpha"
"""The text for which nothing better is known."""

UUID = "11111111-2222-4333-8444-555555555555"

_FORMATS: dict[str, object] = {
    "uuid": UUID,
    "date-time": "2024-05-17T10:30:00",
    "date": "2024-05-17",
    "email": "ada@example.org",
    "uri": "https://example.org/a",
    "int": 1,
    "float": 1.5,
    "path": "alpha/beta.txt",
}

# what a name suggests where the kind is unknown; the first that matches
_NAMES: tuple[tuple[str, object], ...] = (
    (r"e-?mail", "ada@example.org"),
    (r"(^|_)(at|date|day|due|since|until|when)$|_(on|at)$", "2024-05-17"),
    (r"ur[il]|link|href|callback", "https://example.org/a"),
    (r"uuid", UUID),
    (r"price|amount|total|rate|ratio|score|weight|lat|lon|balance", 9.5),
    (r"^(is|has|can)_|active|enabled|done|flag|archived|published", True),
    (r"tags|labels|ids$|names$|roles|list$|items$", ["alpha"]),
    (r"count|qty|quantity|age|number|size|limit|offset|page|year|stock|priority|(^|_|[a-z])id$", 3),
)

_ENOUGH_FOR_A_MINIMUM, _SURELY_A_MAXIMUM = 6, 20


def example(shape: Shape, name: str = "") -> object:
    """Return a likely valid value; the same shape and name give the same value."""
    if shape.kind == "object" or shape.fields:
        return {key: example(field, key) for key, field in shape.fields}
    if shape.kind == "array" or shape.items:
        return [example(shape.items or Shape(), "")]
    words = [each for each in shape.constants if each not in ("", None)]
    if words:  # a single character is mostly a sign before the word proper: "-" in "-name"
        return next((each for each in words if len(str(each)) > 1), words[0])
    return _scalar(shape, name)


def text(value: object) -> str:
    """Return a value as a query or form field writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(text(each) for each in value)
    return str(value)


def sized(length: int) -> str:
    """Return a string of a length, without repeating one letter only."""
    return ("alphabeta" * (length // 9 + 1))[:length]


def _scalar(shape: Shape, name: str) -> object:
    if shape.format == "int":  # of a path: the first of a table is the likeliest id
        return 1
    if shape.kind == "integer":
        return _within(shape.numbers)
    if shape.kind == "number":
        return _within(shape.numbers) + 0.5
    if shape.kind == "boolean":
        return True
    if shape.format in _FORMATS:
        return _FORMATS[shape.format]
    suggested = _suggested(name)
    is_text = shape.kind == "string"
    fits = isinstance(suggested, str) and len(suggested) <= max(shape.lengths, default=0)
    if shape.lengths and not fits and (is_text or suggested is None):
        return sized(_length(shape.lengths))
    if is_text and not isinstance(suggested, str):
        return PLAIN
    return PLAIN if suggested is None else suggested


def _suggested(name: str) -> object:
    return next((value for pattern, value in _NAMES if re.search(pattern, name, re.I)), None)


def _within(limits: tuple[float, ...]) -> int:
    """Return a number between the lowest and highest limit where there are two, else near 1."""
    whole = sorted(int(each) for each in limits)
    if len(whole) > 1:
        return whole[0] + max(1, (whole[-1] - whole[0]) // 2) if whole[0] < whole[-1] else whole[0]
    return max(1, min(3, whole[0])) if whole and whole[0] > 0 else 3


def _length(lengths: tuple[int, ...]) -> int:
    """Return a length that satisfies the limits, whether they are minima or maxima."""
    smallest = min(each for each in lengths)
    if smallest >= _SURELY_A_MAXIMUM:
        return 5
    return smallest if smallest >= _ENOUGH_FOR_A_MINIMUM else max(5, smallest)
