"""Reads with the validator, cookie or address that an earlier answer gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from parity_harness.discovery.answers import Seen, first_with_header
from parity_harness.discovery.inventory import Matched, MatchedRoute
from parity_harness.discovery.probes.drafts import draft
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Exchange, Probe

_CONDITIONS = {"ETag": ("If-None-Match", "If-Match"), "Last-Modified": ("If-Modified-Since",)}


def conditions(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield conditional reads and writes by captured validators, and redirects followed."""
    for route in matched.routes:
        for name, headers in _CONDITIONS.items():
            validated = first_with_header(seen, "GET", route.template, name)
            if validated:
                yield _conditional(route, validated[0].probe, name, headers)
        for operation in route.operations:
            moved = first_with_header(seen, operation.method, route.template, "Location")
            if moved:
                yield from _followed(moved[0])


def _conditional(
    route: MatchedRoute, request: Probe, name: str, headers: tuple[str, ...]
) -> Scenario:
    variable = name.replace("-", "")
    first = Step(replace(request, purpose=f"read {name}"), {variable: f"header:{name}"})
    uses = [
        Step(replace(each, purpose=f"{each.method} with {header}"))
        for header in headers
        for each in _uses(route, request, header, "{{" + variable + "}}")
    ]
    return Scenario(f"{name} of {route.template}", (first, *uses), origin="inferred")


def _uses(route: MatchedRoute, request: Probe, header: str, value: str) -> Iterator[Probe]:
    again = replace(request, headers=(*request.headers, (header, value)))
    yield again
    for operation in route.operations:
        if operation.method in ("PUT", "PATCH"):
            change = replace(draft(route, operation).probe(""), target=request.target)
            yield replace(change, headers=(*change.headers, (header, value)))
            yield replace(change, headers=(*change.headers, (header, '"other"')))
    yield again


def _followed(moved: Exchange) -> Iterator[Scenario]:
    request, location = moved.probe, moved.response.header("Location") or ""
    if location.startswith("/") and not location.startswith("//"):
        first = Step(replace(request, purpose="answer with Location"), {"to": "header:Location"})
        then = Step(Probe("GET", "{{to}}", route=request.route, purpose="follow its Location"))
        name = f"Location of {request.method} {request.route}"
        yield Scenario(name, (first, then), origin="inferred")
