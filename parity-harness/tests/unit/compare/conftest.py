"""Exchanges by the two things a test cares about: the request and the answer."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable

import pytest

from parity_harness.compare.diff import compare
from parity_harness.compare.rules import Rules
from parity_harness.model.divergence import Divergence, Strictness
from parity_harness.model.exchange import Effect, Exchange, Headers, Probe, Response

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]


@pytest.fixture
def answer() -> Answering:
    """Make an exchange; `json` is dumped, `text` is HTML, `body` goes as it is."""

    def make(
        json: object = None,
        *,
        body: bytes | None = None,
        text: str | None = None,
        status: int = 200,
        headers: Headers = (),
        media_type: str | None = None,
        request: str = "GET /jobs/1",
        route: str | None = "/jobs/{id}",
        purpose: str = "happy path",
        effects: tuple[Effect, ...] = (),
        **more: object,
    ) -> Exchange:
        content = jsonlib.dumps(json).encode() if body is None else body
        content, declared = (text.encode(), "text/html") if text is not None else (content, None)
        named = ("Content-Type", media_type or declared or "application/json")
        response = Response(
            status,
            (named, *headers) if media_type != "" else headers,
            content,
            **more,  # type: ignore[arg-type]  # a test's own keywords
        )
        method, _, target = request.partition(" ")
        return Exchange(Probe(method, target, route=route, purpose=purpose), response, effects)

    return make


@pytest.fixture
def differ() -> Comparing:
    """Compare two exchanges at `values`, with no rules unless some are given."""

    def run(
        baseline: Exchange,
        candidate: Exchange,
        rules: Rules | None = None,
        strictness: Strictness = Strictness.VALUES,
    ) -> tuple[Divergence, ...]:
        return compare(baseline, candidate, rules or Rules(), strictness)

    return run
