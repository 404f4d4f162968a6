"""Learns from the baseline's answers what a valid request looks like where the source hides it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parity_harness.discovery.answers import Seen, is_success, normal, parsed
from parity_harness.discovery.probes.drafts import Draft
from parity_harness.discovery.probes.ranks import VALID_WRITE, Case, Ranked
from parity_harness.discovery.shapes import Place

ALTERNATIVES: tuple[object, ...] = ("9.50", 3, "2024-05-17", "alpha", True, ["alpha"], {"a": 1})
"""Values of different kinds, tried where no answer of the baseline says better."""

_MOST_VALUES, _MOST_DEPTH = 3, 3


def learned(draft: Draft, seen: Seen) -> Draft:
    """Return a draft that went well: itself, or else like the first request here that did."""
    went_well = [
        one.probe
        for one, _ in seen
        if one.probe.method == draft.method
        and one.probe.route == draft.template
        and is_success(one.response)
        and one.probe.body
    ]
    if not went_well or any(probe.body == draft.body for probe in went_well):
        return draft
    return replace(draft, headers=went_well[0].headers, body=went_well[0].body)


def attempts(case: Case, seen: Seen) -> Ranked:
    """Yield further guesses at a valid body for an operation that refused every one so far."""
    if case.operation.body is None or not case.draft.body or _succeeded(case, seen):
        return
    base = json.loads(case.draft.body)
    if not isinstance(base, dict):
        return
    for number, body in enumerate(_guesses(base, _values_by_key(case, seen))):
        yield VALID_WRITE, case.draft.telling(body).probe(f"guess {number} at a valid body")


def _succeeded(case: Case, seen: Seen) -> bool:
    return any(
        is_success(one.response)
        for one, _ in seen
        if (one.probe.method, one.probe.route) == (case.operation.method, case.route.template)
    )


def _guesses(base: dict[str, Any], known: dict[str, list[object]]) -> Iterator[dict[str, Any]]:
    likely = {key: known.get(normal(key), [value])[0] for key, value in base.items()}
    yield likely
    for key in base:
        for value in known.get(normal(key), ALTERNATIVES):
            yield {**likely, key: value}
    for value in ALTERNATIVES:  # of several keys with one hidden rule: amounts, dates
        yield {key: each if normal(key) in known else value for key, each in likely.items()}


def _values_by_key(case: Case, seen: Seen) -> dict[str, list[object]]:
    """Return values that both baselines answered, and constants of the path, by key."""
    found: dict[str, list[object]] = {}
    for one, other in seen:
        if is_success(one.response) and one.response.body == other.response.body:
            for key, value in _named(parsed(one.response), _MOST_DEPTH):
                values = found.setdefault(normal(key), [])
                if value not in values and len(values) < _MOST_VALUES:
                    values.append(value)
    for parameter in case.operation.parameters:
        if parameter.place is not Place.FILE and parameter.shape.constants:
            found.setdefault(normal(parameter.name), list(parameter.shape.constants))
    return found


def _named(value: object, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner is not None:
                yield key, inner
            yield from _named(inner, depth - 1) if depth else ()
    elif isinstance(value, list):
        for inner in value[:_MOST_VALUES]:
            yield from _named(inner, depth)
