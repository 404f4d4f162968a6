"""Hypothesis strategies for requests, made from shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from parity_harness.discovery.probes.drafts import Draft
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.probes.ranks import Case
from parity_harness.discovery.shapes import Parameter, Place, Shape

Values = st.SearchStrategy[Any]

_WORDS = st.text(max_size=20)
_SCALARS: Values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | _WORDS
)
_JSON: Values = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
)


def draw(cases: list[Case], number: int, count: int) -> list[Draft]:
    """Return `count` requests at most; the same number as seed gives the same ones."""
    drawn: list[Draft] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        drawn.append(_spoilt(data, data.draw(st.sampled_from(cases))))

    with _files_elsewhere():
        collect()
    return drawn[:count]


@cache  # Hypothesis validates a strategy once, at its first draw
def value(shape: Shape) -> Values:
    """Return values of a shape's kind, at its limits, and sometimes of any kind."""
    known = [st.sampled_from(shape.constants)] if shape.constants else []
    for limit in shape.numbers:
        known.append(st.integers(int(limit) - 1, int(limit) + 1))
    for length in shape.lengths:
        known.append(st.text("ab é", min_size=max(0, length - 1), max_size=length + 1))
    return st.one_of(*known, _of_kind(shape), _of_kind(shape), _JSON)


@contextmanager
def _files_elsewhere() -> Iterator[None]:
    """Keep what Hypothesis caches out of the user's folder."""
    set_hypothesis_home_dir(Path.home() / ".cache" / "parity-harness" / "hypothesis")
    try:
        yield
    finally:
        set_hypothesis_home_dir(None)


def _of_kind(shape: Shape) -> Values:
    match shape.kind:
        case "integer":
            return st.integers(-10, 1000) | st.integers()
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-10, 1000)
        case "boolean":
            return st.booleans()
        case "string":
            return _WORDS
        case "array":
            return st.lists(value(shape.items or Shape()), max_size=4)
        case "object":
            return st.fixed_dictionaries({}, optional={k: value(f) for k, f in shape.fields})
        case _:
            return _SCALARS


def _spoilt(data: st.DataObject, case: Case) -> Draft:
    draft = case.draft
    for parameter in case.route.baseline.path:
        if data.draw(st.integers(0, 3)) == 0:
            draft = draft.at(parameter.name, _texts(data, parameter)[0])
    for parameter in case.operation.parameters:
        if parameter.place is Place.QUERY and data.draw(st.booleans()):
            draft = draft.asking(quote(parameter.name, safe=""), *_texts(data, parameter))
    if case.operation.body is not None:
        draft = draft.sending(json.dumps(_body(data, case, case.operation.body)).encode())
    return draft


def _texts(data: st.DataObject, parameter: Parameter) -> list[str]:
    count = data.draw(st.sampled_from((1, 1, 1, 2)))
    drawn = [text(data.draw(value(parameter.shape))) for _ in range(count)]
    return [quote(each, safe="", errors="replace") or "0" for each in drawn]


def _body(data: st.DataObject, case: Case, shape: Shape) -> object:
    """Return the valid body with some keys changed, or one that only follows the shape."""
    try:
        valid = json.loads(case.draft.body)
    except ValueError:
        valid = None
    if not isinstance(valid, dict) or not valid or data.draw(st.integers(0, 4)) == 0:
        return data.draw(value(shape))
    changed = dict(valid)
    for key in data.draw(st.lists(st.sampled_from(sorted(valid)), min_size=1, max_size=2)):
        changed[key] = data.draw(value(shape.field(key) or Shape()))
    return changed
