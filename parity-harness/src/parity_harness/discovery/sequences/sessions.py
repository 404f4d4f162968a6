"""Login, protected routes, logout: what an answer's cookie or token opens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity_harness.discovery.answers import Row, Seen, first_success, parsed, scalars
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Response

_LEAVING = re.compile(r"log-?out|sign-?out|leave", re.I)
_TOKEN = re.compile(r"/(access_?)?(token|jwt|api_?key)$", re.I)
_COOKIE_NAME = re.compile(r"\s*([^=;\s]+)=")

MOST_READS = 12


def sessions(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield one scenario for each operation whose answer sets cookies or hands out a token."""
    for route, operation, answer in _openers(matched, seen):
        captures, headers = _credential(answer)
        if captures:
            request = draft(route, operation)
            steps = [Step(request.probe("open a session"), captures)]
            steps += [
                Step(_with(each, headers).probe(purpose))
                for purpose, each in _visits(matched, opener=request)
            ]
            name = f"session from {operation.method} {route.template}"
            yield Scenario(name, tuple(steps), origin="inferred")


def _openers(matched: Matched, seen: Seen) -> Iterator[tuple[MatchedRoute, Operation, Response]]:
    for route in matched.routes:
        for operation in route.operations:
            pair = first_success(seen, operation.method, route.template, redirects=True)
            if pair and "{" not in route.template:
                yield route, operation, pair[0]


def _credential(answer: Response) -> tuple[dict[str, str], Row]:
    """Return what to capture and the headers that use it."""
    names = [_COOKIE_NAME.match(value) for value in answer.header_values("Set-Cookie")]
    cookies = [found[1] for found in names if found]
    if cookies:
        captures = {f"cookie{at}": f"cookie:{name}" for at, name in enumerate(cookies, 1)}
        pairs = (f"{name}={{{{cookie{at}}}}}" for at, name in enumerate(cookies, 1))
        return captures, {"Cookie": "; ".join(pairs)}
    pointers = [pointer for pointer, _ in scalars(parsed(answer)) if _TOKEN.search(pointer)]
    if pointers:
        return {"token": pointers[0]}, {"Authorization": "Bearer {{token}}"}
    return {}, {}


def _visits(matched: Matched, opener: Draft) -> Iterator[tuple[str, Draft]]:
    """Yield requests in order: reads, the opener again, writes, then the ways out and a read."""
    plain = [
        (route, operation)
        for route in matched.routes
        if "{" not in route.template
        for operation in route.operations
    ]
    reads = [draft(*each) for each in plain if each[1].method == "GET"][:MOST_READS]
    exits = [draft(*each) for each in plain if _LEAVING.search(each[0].template)]
    yield from ((f"read {each.template} in the session", each) for each in reads)
    yield from ((f"read {each.template} in the session again", each) for each in reads)
    yield "open again in the session", opener
    for route, operation in plain:
        request = draft(route, operation)
        if operation.method != "GET" and request != opener and request not in exits:
            yield f"{operation.method} {route.template} in the session", request
    yield from ((f"leave by {each.template}", each) for each in exits)
    yield from ((f"read {each.template} after leaving", each) for each in reads)


def _with(request: Draft, headers: Row) -> Draft:
    for name, value in headers.items():
        request = request.heading(name, value)
    return request
