"""Removals of what exists, each from a fresh state: a removal among other probes would rob them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from parity_harness.discovery.answers import (
    Seen,
    first_success,
    id_key,
    is_success,
    parsed,
    rows,
)
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.inventory.templates import names
from parity_harness.discovery.probes.drafts import draft, path_text
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.sequences.reading import plain_reads
from parity_harness.model.contract import Scenario, Step

MOST_REMOVED = 30
"""Rows removed one after the other to see an empty list."""


def removals(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield one scenario for each removal and id that may exist, with reads before and after."""
    for route in matched.routes:
        operation = route.operation("DELETE")
        if operation and names(route.template):
            for which, path in _existing(matched, route, seen).items():
                steps = tuple(_steps(matched, route, operation, path))
                name = f"removal of the {which} at {route.template}"
                yield Scenario(name, steps, origin="inferred")
            everything = tuple(_emptying(matched, route, operation, seen))
            if everything:
                name = f"removal of all at {route.template}"
                yield Scenario(name, (*everything, *plain_reads(matched)), origin="inferred")


def _emptying(
    matched: Matched, route: MatchedRoute, operation: Operation, seen: Seen
) -> Iterator[Step]:
    """Remove what any page of the list showed: how do the reads look when nothing is left?"""
    above, last = _above(matched, route), names(route.template)[-1]
    usual = {each.name: path_text(each) for each in route.baseline.path}
    pages = [one.response for one, _ in seen if above and one.probe.route == above.template]
    listed = [row for page in pages if is_success(page) for _, row in rows(parsed(page))]
    found = (row[key] for row in listed if (key := id_key(row, last)) and key in row)
    for value in list(dict.fromkeys(quote(text(each), safe="/") for each in found))[:MOST_REMOVED]:
        yield Step(draft(route, operation, usual | {last: value}).probe(f"remove {value[:40]}"))


def _existing(matched: Matched, route: MatchedRoute, seen: Seen) -> dict[str, dict[str, str]]:
    """Return path values: the usual ones, and those of the last row that a list showed."""
    usual = {each.name: path_text(each) for each in route.baseline.path}
    found = {"usual one": usual}
    above = _above(matched, route)
    pair = first_success(seen, "GET", above.template) if above else None
    listed = rows(parsed(pair[0])) if pair else []
    last = names(route.template)[-1]
    key = id_key(listed[-1][1], last) if listed else None
    if key:
        found["last one"] = usual | {last: quote(text(listed[-1][1][key]), safe="")}
    return found


def _steps(
    matched: Matched, route: MatchedRoute, operation: Operation, path: dict[str, str]
) -> Iterator[Step]:
    above, read = _above(matched, route), route.operation("GET")
    reads = (
        [draft(above, each, path) for each in above.operations if each.method == "GET"]
        if above
        else []
    )
    reads += [draft(route, read, path)] if read else []
    removal = draft(route, operation, path)
    for each in reads:
        yield Step(each.probe(f"read {each.template} before removal"))
    yield Step(removal.probe("remove"))
    for each in reads:
        yield Step(each.probe(f"read {each.template} after removal"))
    yield Step(removal.probe("remove again"))


def _above(matched: Matched, route: MatchedRoute) -> MatchedRoute | None:
    collection = route.template.rpartition("/{")[0] or "/"
    return next((each for each in matched.routes if each.template.rstrip("/") == collection), None)
