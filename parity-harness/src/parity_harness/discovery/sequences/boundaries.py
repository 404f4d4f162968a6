"""Writes with amounts that answers showed: the last cent, the whole stock, one more than that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from parity_harness.discovery.answers import Seen, is_success, parsed, scalars
from parity_harness.discovery.inventory import Matched, MatchedRoute
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.discovery.sequences.reading import plain_reads
from parity_harness.model.contract import Scenario, Step

MOST_AMOUNTS = 6
"""Amounts tried for each field."""

_NUMBER = re.compile(r"\d+(\.\d+)?")


def boundaries(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield writes of every amount for each numeric field, the largest first: it fits or not."""
    amounts = _amounts(seen)
    for route in matched.routes:
        for operation in route.operations:
            request = learned(draft(route, operation), seen)
            if operation.body is not None and operation.method in ("POST", "PUT", "PATCH"):
                yield from _with_amounts(matched, route, request, amounts)


def _with_amounts(
    matched: Matched, route: MatchedRoute, request: Draft, amounts: list[str]
) -> Iterator[Scenario]:
    valid = json.loads(request.body) if request.body.startswith(b"{") else {}
    for key, value in valid.items():
        steps = [
            Step(request.telling({**valid, key: given}).probe(f"{key} as seen, number {at}"))
            for at, given in enumerate(_like(value, amounts), 1)
        ]
        if steps:
            name = f"amounts in {request.method} {route.template}, {key}"
            yield Scenario(name, (*steps, *plain_reads(matched)), origin="inferred")


def _like(value: object, amounts: list[str]) -> list[object]:
    """Return the amounts as a value of this kind would be sent, none for one that is no number."""
    if not _is_number(value):
        return []
    return list(amounts) if isinstance(value, str) else [float(each) for each in amounts]


def _amounts(seen: Seen) -> list[str]:
    """Return positive numbers that both baselines showed after valid requests, largest first."""
    found: dict[str, None] = {}
    for one, other in seen:
        is_stable = is_success(one.response) and one.response.body == other.response.body
        if is_stable and one.probe.purpose.startswith("valid"):
            shown = (value for _, value in scalars(parsed(one.response)) if _is_number(value))
            found |= dict.fromkeys(str(value) for value in shown)
    ranked = sorted((each for each in found if _NUMBER.fullmatch(each)), key=float, reverse=True)
    return ranked[:MOST_AMOUNTS]


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)
