"""Many resources, then the list page by page: limits and defaults show only when it is long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from parity_harness.discovery.answers import Seen, first_success, normal, parsed, rows
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.discovery.shapes import Parameter, Place, Shape
from parity_harness.model.contract import Scenario, Step

FEWEST, MOST = 22, 60
"""Resources made: beyond the usual default pages of 10 and 20, and never more than MOST."""

_SIZE = re.compile(r"limit|size|perpage|count|first|max|top$")
_START = re.compile(r"offset|skip|start|^page$|pagenumber|^p$")
_CURSOR = re.compile(r"cursor|after|next|token|marker|continue")


def pages(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield a walk for each list that something can be added to, or that pages at all."""
    for route in matched.routes:
        reading, adding = route.operation("GET"), route.operation("POST")
        if reading is None or "{" in route.template:
            continue
        sizes, starts = _named(reading, _SIZE), _named(reading, _START)
        made = _made(route, adding, _how_many(sizes), seen) if adding and adding.body else ()
        walk = tuple(_walk(draft(route, reading), sizes, starts))
        walk += tuple(_cursor_walk(route, reading, seen))
        if made or walk:
            first = Step(draft(route, reading).probe("list"))
            name = f"pages of {route.template}"
            yield Scenario(name, (*made, first, *walk), origin="inferred")


def _named(operation: Operation, pattern: re.Pattern[str]) -> list[Parameter]:
    return [
        each
        for each in operation.parameters
        if each.place is Place.QUERY and pattern.search(normal(each.name))
    ]


def _how_many(sizes: list[Parameter]) -> int:
    known = [int(number) for each in sizes for number in each.shape.numbers]
    known += [each.default for each in sizes if isinstance(each.default, int)]
    return min(MOST, max([FEWEST, *(number + 2 for number in known)]))


def _made(route: MatchedRoute, operation: Operation, count: int, seen: Seen) -> tuple[Step, ...]:
    request = learned(draft(route, operation), seen)
    shape = operation.body or Shape()
    return tuple(
        Step(request.sending(_varied(request.body, shape, number)).probe(f"add number {number}"))
        for number in range(count)
    )


def _varied(body: bytes, shape: Shape, number: int) -> bytes:
    """Return a body whose values differ from the one before: the order of a list shows."""
    value = json.loads(body)
    if isinstance(value, dict):
        value = {key: _different(each, shape.field(key), number) for key, each in value.items()}
    return json.dumps(value).encode()


def _different(value: object, shape: Shape | None, number: int) -> object:
    constants = shape.constants if shape else ()
    if constants:
        return constants[number % len(constants)]
    if isinstance(value, str) and value.isalpha():
        return f"{value}{(number * 7) % 60:02}"
    if isinstance(value, bool):
        return number % 2 == 0
    return value


def _walk(request: Draft, sizes: list[Parameter], starts: list[Parameter]) -> Iterator[Step]:
    for size in sizes:
        for value in ("5", "20", "50", "100", "1000"):
            yield Step(request.asking(size.name, value).probe(f"list {size.name} {value}"))
    for start in starts:
        for value in ("0", "1", "2", "3", "10", "99"):
            page = request.asking(start.name, value)
            yield Step(page.probe(f"list {start.name} {value}"))
            for size in sizes[:1]:
                both = page.asking(size.name, "4")
                yield Step(both.probe(f"list {start.name} {value}, {size.name} 4"))


def _cursor_walk(route: MatchedRoute, operation: Operation, seen: Seen) -> Iterator[Step]:
    pair = first_success(seen, "GET", route.template)
    value = parsed(pair[0]) if pair else None
    for parameter in _named(operation, _CURSOR):
        for key in value if isinstance(value, dict) and rows(value) else ():
            if _CURSOR.search(normal(key)):
                request = draft(route, operation)
                yield Step(request.probe("list with a cursor"), {"cursor": f"/{key}"})
                turned = request.asking(parameter.name, "{{cursor}}")
                yield Step(turned.probe("list after the cursor"))
