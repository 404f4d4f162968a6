"""The outermost layer, around applications that misbehave."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from worker_python.api.dependencies import Services
from worker_python.api.edge import Edge
from worker_python.jobs.errors import JobNotFoundError
from worker_python.logs import make_logger
from worker_python.metrics import Metrics

Sent = list[dict[str, Any]]


async def request(app: Any, metrics: Metrics, method: str = "GET") -> Sent:  # noqa: ANN401  any ASGI callable
    services = Services(
        jobs=None,  # type: ignore[arg-type]  # the edge only logs
        outputs=None,  # type: ignore[arg-type]
        health=None,  # type: ignore[arg-type]
        metrics=metrics,
        log=make_logger("json", "info"),
    )
    host = SimpleNamespace(state=SimpleNamespace(services=services))
    sent: Sent = []

    async def send(message: Any) -> None:  # noqa: ANN401  an ASGI message
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/x", "headers": [], "app": host}
    await Edge(app, metrics)(scope, _nothing, send)
    return sent


async def test_a_crash_before_the_answer_is_flasks_page() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI
        raise ZeroDivisionError

    metrics = Metrics()

    start, body = await request(app, metrics)

    assert start["status"] == 500
    assert b"500 Internal Server Error" in body["body"]
    assert _counted(metrics, "500") == 1


@pytest.mark.parametrize("error", [ZeroDivisionError(), JobNotFoundError(7), HTTPException(404)])
async def test_an_error_within_the_answer_is_the_servers(error: Exception) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    with pytest.raises(type(error)):
        await request(app, Metrics())


async def test_a_caller_who_hangs_up_is_counted_and_is_no_crash() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI
        raise ClientDisconnect

    metrics = Metrics()

    assert await request(app, metrics) == []
    assert _counted(metrics, "499") == 1


async def test_head_drops_every_piece_of_a_body() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"cd"})

    start, *pieces = await request(app, Metrics(), "HEAD")

    assert start["headers"] == [(b"content-length", b"4")]
    assert b"".join(piece["body"] for piece in pieces) == b""


async def test_other_scopes_pass() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI
        seen.append(scope["type"])

    await Edge(app, Metrics())({"type": "lifespan"}, _nothing, _nowhere)

    assert seen == ["lifespan"]


def _counted(metrics: Metrics, status: str) -> float | None:
    labels = {"route": "unmatched", "method": "GET", "status": status}
    return metrics.registry.get_sample_value("worker_http_requests_total", labels)


async def _nothing() -> dict[str, Any]:
    return {}


async def _nowhere(message: Any) -> None:  # noqa: ANN401  an ASGI message
    del message
