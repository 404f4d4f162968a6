"""Requests that nobody should send: each has an answer, and none starts or loses a job."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI

WORDS = (
    *("deduper", "jobs", "list", "reportId", "cancel", "health", "clear-db-table", "test"),
    *("7x", "-1", "+7", "1.0", "1e3", "0x7", "%207", "7%20", "%00", "%ff", "%2e%2e", "..", "'"),
    *("<", "nul", "null", "true", "{}", "*", "static", "", "9" * 5_000),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
BODIES = (b"", b"{", b"\x00\xff", b"[1,2,", b'{"a":' * 2_000, b"x" * 100_000)


async def test_thousands_of_bad_requests_start_nothing(
    started_app: FastAPI, ask: Callable[..., Awaitable[Any]]
) -> None:
    chance = random.Random(20_260_131)
    for _ in range(3_000):
        words = ["deduper", *chance.choices(WORDS, k=chance.randint(0, 4))]
        method, slashes = chance.choice(METHODS), "/" * chance.randint(1, 3)
        target = slashes.join(["", *words]) + chance.choice(("", "", "/", "?v=7", "?%ff=%00"))
        if _is_good(method, target):
            continue
        answer = await ask(
            started_app,
            method,
            target,
            headers={"content-type": chance.choice(("application/json", "text/plain", ";"))},
            body=chance.choice(BODIES),
        )
        assert answer.status < 500, (method, target, answer)

    listed = await ask(started_app, "GET", "/deduper/jobs/list")
    assert listed.body == b'{"jobs":[]}\n'


def _is_good(method: str, target: str) -> bool:
    return method == "GET" and target.partition("?")[0].lstrip("/") == "deduper/jobs"
