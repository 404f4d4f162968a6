"""Reads with the validator, cookie or address that an earlier answer gave."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.discovery.answers import Seen, first_success
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Response

_CONDITIONS = (("ETag", ("If-None-Match", "If-Match")), ("Last-Modified", ("If-Modified-Since",)))


def conditions(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield conditional reads and writes by captured validators, and redirects followed."""
    for route in matched.routes:
        for operation in route.operations:
            pair = first_success(seen, operation.method, route.template, redirects=True)
            if pair:
                yield from _conditional(route, operation, pair[0])
                yield from _followed(learned(draft(route, operation), seen), pair[0])


def _conditional(route: MatchedRoute, operation: Operation, answer: Response) -> Iterator[Scenario]:
    request = draft(route, operation)
    captures = {
        name.replace("-", ""): f"header:{name}" for name, _ in _CONDITIONS if answer.header(name)
    }
    if operation.method != "GET" or not captures:
        return
    steps = [Step(request.probe("read a validator"), captures)]
    for name, headers in _CONDITIONS:
        for header in headers if answer.header(name) else ():
            value = "{{" + name.replace("-", "") + "}}"
            steps += [
                Step(each.probe(f"{each.method} with {header}"))
                for each in _uses(route, request, header, value)
            ]
    yield Scenario(f"validators of {route.template}", tuple(steps), origin="inferred")


def _uses(route: MatchedRoute, request: Draft, header: str, value: str) -> Iterator[Draft]:
    yield request.heading(header, value)
    for operation in route.operations:
        if operation.method in ("PUT", "PATCH"):
            yield draft(route, operation).heading(header, value)
            yield draft(route, operation).heading(header, '"other"')
    yield request.heading(header, value)


def _followed(request: Draft, answer: Response) -> Iterator[Scenario]:
    location = answer.header("Location") or ""
    if location.startswith("/") and not location.startswith("//"):
        first = Step(request.probe("answer with a Location"), {"to": "header:Location"})
        then = Step(Draft("GET", request.template).aimed("{{to}}", "follow its Location"))
        name = f"Location of {request.method} {request.template}"
        yield Scenario(name, (first, then), origin="inferred")
