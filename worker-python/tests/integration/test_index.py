"""The page at the root and the echo."""

from __future__ import annotations

import httpx
import pytest


async def test_the_root_names_the_service(worker: httpx.AsyncClient) -> None:
    answer = await worker.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>News Nexus Python Queuer</title>" in answer.text
    assert "<h1>News Nexus Python Queuer</h1>" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        (b'{"b":1,"a":[true,null]}', b'{"a":[true,null],"b":1}\n'),
        ('"é"'.encode(), b'"\\u00e9"\n'),
        (b"[NaN, Infinity]", b"[NaN,Infinity]\n"),
        (b"false", b"{}\n"),
        (b"[]", b"{}\n"),
    ],
)
async def test_json_is_echoed_as_flask_writes_it(
    worker: httpx.AsyncClient, method: str, sent: bytes, echoed: bytes
) -> None:
    answer = await worker.request(
        method, "/test", content=sent, headers={"content-type": "application/vnd.api+json"}
    )

    assert (answer.status_code, answer.content) == (200, echoed)


async def test_json_nested_too_deeply_is_a_bad_request(worker: httpx.AsyncClient) -> None:
    statuses = set()
    for depth in (*range(900, 1_000, 2), 100_000):
        answer = await worker.post(
            "/test",
            content=b"[" * depth + b"]" * depth,
            headers={"content-type": "application/json"},
        )
        statuses.add(answer.status_code)

    assert statuses <= {200, 400}
    assert answer.status_code == 400
    assert "<h1>Bad Request</h1>" in answer.text
