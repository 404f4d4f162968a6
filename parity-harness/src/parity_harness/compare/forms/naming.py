"""Finds the narrowest form that two volatile values share."""

from __future__ import annotations

import re

from parity_harness.compare.forms.instants import NEAR_SECONDS, epoch_form, moment
from parity_harness.compare.forms.scalars import TOKEN, form_of_text

_WIDE = {"word", "text"}


def common_form(one: object, two: object) -> str | None:
    """Return the form of two values that differ from run to run; None for arrays and objects."""
    first, second = form_of(one), form_of(two)
    if first is None or second is None:
        return None
    if first == second and first not in _WIDE:
        return _near(one, two) + first
    if isinstance(one, str) and isinstance(two, str):
        return _textual(one, two, first, second)
    if {first, second} == {"integer", "float"}:
        return "number"
    return " | ".join(sorted({first, second}))


def form_of(value: object) -> str | None:
    """Return the narrowest form of a value; None for arrays and objects."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return epoch_form(value) or "integer"
        case float():
            return epoch_form(value) or "float"
        case str():
            return form_of_text(value)
        case _:
            return None


def near_form(value: object) -> str | None:
    """Return the form of a time that only happened to be the same twice; None for no time."""
    return f"near:{form_of(value)}" if moment(value) is not None else None


def _near(one: object, two: object) -> str:
    first, second = moment(one), moment(two)
    if first is None or second is None:
        return ""
    return "near:" if abs(first - second) <= NEAR_SECONDS else ""


def _textual(one: str, two: str, first: str, second: str) -> str:
    """Prefer a template; else the wider name of the same family; else both; else any text."""
    template = _template(one, two)
    if template:
        return template
    families = {first.partition(":")[0], second.partition(":")[0]}
    if families & _WIDE:
        return "word" if families == {"word"} else "text"
    if len(families) == 1 and families <= {"hex", "HEX", "opaque"}:
        return families.pop()
    if families <= {"hex", "HEX", "opaque", "numeric"}:
        return "opaque"
    return " | ".join(_near(one, two) + form for form in sorted({first, second}))


def _template(one: str, two: str) -> str | None:
    """Keep what both texts share and name the form of each piece that varies."""
    if TOKEN.split(one) != TOKEN.split(two) or not any(TOKEN.split(one)):
        return None
    pieces = [_piece(first, second) for first, second in
              zip(TOKEN.findall(one), TOKEN.findall(two), strict=True)]  # fmt: skip
    if None in pieces:
        return None
    filled = iter(piece for piece in pieces if piece is not None)
    return "template:" + re.sub(TOKEN, lambda _: next(filled), one)


def _piece(one: str, two: str) -> str | None:
    if one == two:
        return one
    first, second = form_of_text(one), form_of_text(two)
    return f"⟨{first}⟩" if first == second and first != "text" else None
