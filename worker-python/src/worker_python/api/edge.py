"""The outermost layer: what holds for every request, in one pass, as plain ASGI."""

from __future__ import annotations

from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker_python.api.dependencies import services_of
from worker_python.api.errors import answer_for
from worker_python.api.flask_semantics.pages import error_page
from worker_python.api.flask_semantics.slashes import collapse_leading
from worker_python.api.request_id import HEADER, given_id
from worker_python.metrics import UNMATCHED, Metrics

CLIENT_CLOSED_REQUEST = 499  # nginx's name for an answer that nobody waited for


class Edge:
    """Counts and times every answer, drops the body of HEAD, answers every error.

    Reads are not logged, one line each would cost more than the read; the metrics count them.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        collapse_leading(scope)
        answer = _Answer(scope, send)
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            answer.status = CLIENT_CLOSED_REQUEST
        except Exception as error:
            page = answer_for(error) or _crashed(error, scope)
            if answer.status:  # one has begun already
                raise
            await page(scope, receive, answer)
        route = getattr(scope.get("route"), "path_format", UNMATCHED)
        self._metrics.answered(route, scope["method"], answer.status, perf_counter() - started)


class _Answer:
    """Passes an answer on, noting its status; `head` keeps the headers and drops the body."""

    __slots__ = ("_head", "_request_id", "_send", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._head = scope["method"] == "HEAD"
        self._request_id = given_id(scope)
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._request_id is not None:
                message["headers"] = [*message["headers"], (HEADER, self._request_id.encode())]
        elif self._head:
            message = {**message, "body": b""}
        await self._send(message)


def _crashed(error: Exception, scope: Scope) -> Response:
    services_of(scope["app"]).log.error(
        "request crashed",
        method=scope["method"],
        path=scope["path"],
        request_id=given_id(scope),
        exc_info=error,
    )
    return error_page(500)
