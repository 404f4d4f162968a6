"""Requests that nobody should send: each has an answer, and none starts or loses a job.

`CHAOS_BAD_REQUESTS` says how many are sent, half of them made by hand, half by Schemathesis.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlencode

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet

pytestmark = pytest.mark.slow
NUMBER = int(os.environ.get("CHAOS_BAD_REQUESTS", "600")) // 2
WORDS = (
    *("deduper", "jobs", "list", "reportId", "cancel", "health", "clear-db-table", "test"),
    *("7x", "-1", "+7", "1.0", "1e3", "0x7", "%207", "7%20", "%00", "%ff", "%2e%2e", "..", "'"),
    *("<", "nul", "null", "true", "{}", "*", "static", "", "9" * 5_000),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
BODIES = (b"", b"{", b"\x00\xff", b"[1,2,", b'{"a":' * 2_000, b"x" * 100_000)
FIRST_JOB = "/deduper/jobs"
CREATES = re.compile(r"/+deduper/+jobs(/+reportId/+[0-9]+)?")

Answer = Any
Ask = Callable[..., Awaitable[Answer]]
Put = Callable[..., Coroutine[Any, Any, None]]


class Tally(Protocol):
    bad_requests: int


@pytest.fixture
async def asked(started_app: FastAPI, ask: Ask, tally: Tally) -> AsyncIterator[Put]:
    """Put bad requests to a worker that has one job; see afterwards that it has no other."""
    created = await ask(started_app, "GET", FIRST_JOB)
    assert created.status == 201

    async def put(method: str, target: str, **request: Any) -> None:  # noqa: ANN401  # as `ask`
        assert not is_good(method, target), "this one may start a job"
        answer = await ask(started_app, method, target, **request)
        assert answer.status < 500, (method, target, answer)
        tally.bad_requests += 1

    yield put
    jobs = json.loads((await ask(started_app, "GET", "/deduper/jobs/list")).body)["jobs"]
    assert [job["jobId"] for job in jobs] == [1]


async def test_bad_requests_made_by_hand_start_nothing(
    asked: Put,
) -> None:
    chance = random.Random(20_260_131)
    for method, target in requests_by_hand(chance):
        headers = {"content-type": chance.choice(("application/json", "text/plain", ";"))}
        await asked(method, target, headers=headers, body=chance.choice(BODIES))


@pytest.mark.timeout(900)
async def test_bad_requests_made_from_the_document_start_nothing(
    asked: Put, started_app: FastAPI
) -> None:
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=NUMBER,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(bad_cases(started_app))
    def send(case: Case[Any]) -> None:
        request = asked(case.method, target_of(case), headers=headers_of(case), body=body_of(case))
        asyncio.run_coroutine_threadsafe(request, loop).result()

    await asyncio.to_thread(send)


def requests_by_hand(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield methods and targets of which none starts a job."""
    sent = 0
    while sent < NUMBER:
        words = ["deduper", *chance.choices(WORDS, k=chance.randint(0, 4))]
        method, slashes = chance.choice(METHODS), "/" * chance.randint(1, 3)
        target = slashes.join(["", *words]) + chance.choice(("", "", "/", "?v=7", "?%ff=%00"))
        if not is_good(method, target):
            sent += 1
            yield method, target


def bad_cases(app: FastAPI) -> st.SearchStrategy[Case[Any]]:
    """Draw requests whose path, body or method breaks the document of any route that takes some.

    Jobs that are not there are asked for with ids that could be.
    """
    modes = {"/deduper/jobs/reportId/{report_id}": [GenerationMode.NEGATIVE]}
    strategies = []
    for result in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # an error would raise here
        takes_some = bool(operation.path_parameters) or bool(operation.body)
        for mode in modes.get(operation.path, list(GenerationMode)) if takes_some else []:
            strategies.append(operation.as_strategy(generation_mode=mode))
    return st.one_of(strategies).filter(lambda case: not is_good(case.method, target_of(case)))


def is_good(method: str, target: str) -> bool:
    """Whether it may start or cancel a job, as the contract has it."""
    path = unquote(target.partition("?")[0])
    if method == "DELETE" and path.rstrip("/").endswith("clear-db-table"):
        return True
    return method == "GET" and CREATES.fullmatch(path) is not None


def target_of(case: Case[Any]) -> str:
    query = urlencode(case.query or {}, doseq=True)
    return quote(case.formatted_path, safe="/%") + (f"?{query}" if query else "")


def headers_of(case: Case[Any]) -> dict[str, str]:
    given_headers = {name.lower(): str(value) for name, value in (case.headers or {}).items()}
    return {"content-type": case.media_type or "text/plain", **given_headers}


def body_of(case: Case[Any]) -> bytes:
    if isinstance(case.body, NotSet):
        return b""
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
