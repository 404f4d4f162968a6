"""Login, protected routes, logout: what an answer's cookie or token opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
        credential = _credential(answer)
        if credential:
            request = draft(route, operation)
            steps = [Step(request.probe("open a session"), credential.captures)]
            steps += _of_two(matched, request, credential)
            steps += [
                Step(_with(each, credential.headers()).probe(purpose))
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


@dataclass(frozen=True, slots=True)
class _Credential:
    """What an answer hands out: cookies by name, or a token at a pointer."""

    captures: dict[str, str]
    cookies: tuple[str, ...] = ()

    def headers(self, suffix: str = "", *, twice: str = "") -> Row:
        """Return the headers that use it; `twice` sets each cookie again, before or after."""
        if not self.cookies:
            return {"Authorization": f"Bearer {{{{token{suffix}}}}}"}
        pairs = [f"{name}={{{{cookie{at}{suffix}}}}}" for at, name in enumerate(self.cookies, 1)]
        others = [f"{name}=other" for name in self.cookies]
        doubled = {"before": others + pairs, "after": pairs + others}
        return {"Cookie": "; ".join(doubled.get(twice, pairs))}

    def renamed(self, suffix: str) -> dict[str, str]:
        """Return the captures for a second holder."""
        return {f"{name}{suffix}": place for name, place in self.captures.items()}


def _credential(answer: Response) -> _Credential | None:
    names = [_COOKIE_NAME.match(value) for value in answer.header_values("Set-Cookie")]
    cookies = tuple(found[1] for found in names if found)
    if cookies:
        captures = {f"cookie{at}": f"cookie:{name}" for at, name in enumerate(cookies, 1)}
        return _Credential(captures, cookies)
    pointers = [pointer for pointer, _ in scalars(parsed(answer)) if _TOKEN.search(pointer)]
    return _Credential({"token": pointers[0]}) if pointers else None


def _of_two(matched: Matched, opener: Draft, credential: _Credential) -> list[Step]:
    """Let a second person in, and read as each in turn; then with cookies set twice."""
    reads = [draft(*each) for each in _plain(matched) if each[1].method == "GET"][:MOST_READS]
    other = replace(opener, body=opener.body.replace(b"alpha", b"beta"))
    if other == opener:
        return []
    steps = [Step(other.probe("open another session"), credential.renamed("b"))]
    for who, suffix in (("the first", ""), ("the other", "b"), ("the first again", "")):
        as_one = credential.headers(suffix)
        steps += [
            Step(_with(each, as_one).probe(f"read {each.template} as {who}")) for each in reads
        ]
    for twice in ("before", "after") if credential.cookies else ():
        doubled = credential.headers(twice=twice)
        steps += [
            Step(_with(each, doubled).probe(f"read {each.template}, another cookie {twice}"))
            for each in reads
        ]
    return steps


def _plain(matched: Matched) -> list[tuple[MatchedRoute, Operation]]:
    return [
        (route, operation)
        for route in matched.routes
        if "{" not in route.template
        for operation in route.operations
    ]


def _visits(matched: Matched, opener: Draft) -> Iterator[tuple[str, Draft]]:
    """Yield requests in order: reads, the opener again, writes, then the ways out and a read."""
    plain = _plain(matched)
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
