"""Finds the narrowest form that two volatile values share."""

from __future__ import annotations

import re

from parity_harness.compare.forms.instants import NEAR_SECONDS, epoch_form, moment
from parity_harness.compare.forms.scalars import TOKEN, form_of_text, source

_WIDE = {"word", "text"}
_TOKENS = {"hex", "HEX", "opaque"}


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
    """Prefer a template; else what fits both; else the wider of a family; else either."""
    template = _template(one, two)
    if template:
        return template
    shared = _shared(one, two)
    if shared:
        return shared
    families = {first.partition(":")[0], second.partition(":")[0]}
    if families & _WIDE:
        return "text"
    if len(families) == 1 and families <= _TOKENS:
        return families.pop()
    if families <= {*_TOKENS, "numeric"}:
        return "opaque"
    return " | ".join(_near(one, two) + form for form in sorted({first, second}))


def _shared(one: str, two: str) -> str | None:
    """Return a narrow form that both texts have: eight digits may be hexadecimal by chance."""
    for form in (form_of_text(one), form_of_text(two)):
        if form != "text" and re.fullmatch(source(form), one) and re.fullmatch(source(form), two):
            return form
    return None


def _template(one: str, two: str) -> str | None:
    """Keep what both texts share and name the form of each piece that varies."""
    if TOKEN.split(one) != TOKEN.split(two) or not any(TOKEN.split(one)):
        return None
    pairs = zip(TOKEN.findall(one), TOKEN.findall(two), strict=True)
    pieces = [first if first == second else _hole(first, second) for first, second in pairs]
    if None in pieces:
        return None
    filled = iter(piece for piece in pieces if piece is not None)
    return "template:" + TOKEN.sub(lambda _: next(filled), one)


def _hole(one: str, two: str) -> str | None:
    form = _shared(one, two)
    return f"⟨{form}⟩" if form else None
