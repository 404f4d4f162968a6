r"""Routes that match, and answer methods, as Werkzeug's do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any

from fastapi.routing import APIRoute
from starlette.convertors import Convertor, PathConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from worker_python.api.flask_semantics.answers import MEDIA_TYPE
from worker_python.api.flask_semantics.pages import error_page, options_page


class FlaskInteger(Convertor[int]):
    r"""`<int:…>`: any Unicode digits, without a sign."""

    regex = r"\d+"

    def convert(self, value: str) -> int:
        """Return the number these digits write.

        Raises:
            ValueError: they are more than Python converts (`sys.set_int_max_str_digits`).
        """
        return int(value)

    def to_string(self, value: int) -> str:
        """Return the number as a path segment."""
        return str(value)


class FlaskPath(PathConvertor):
    """`<path:…>`: anything, slashes too, but not at its beginning."""

    regex = "[^/].*?"


register_url_convertor("flask_int", FlaskInteger())
register_url_convertor("flask_path", FlaskPath())


class FlaskRoute(APIRoute):
    """A route that answers HEAD, OPTIONS and wrong methods itself.

    Its endpoint is called with the request and the converted path parameters, and returns a
    response: nothing is validated on the way, since Flask validated nothing. `answered` are its
    methods, implied ones included.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401  FastAPI's
        super().__init__(path, endpoint, **options)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")
        self.app = _direct(endpoint)
        self.answered = _answered(self.methods or ())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HEAD where GET is matched; a number that is too long matches no route."""
        try:
            match, child_scope = super().matches(scope)
        except ValueError:
            return (Match.NONE if scope["method"] in self.answered else Match.PARTIAL), {}
        if match is Match.PARTIAL and scope["method"] == "HEAD" and "HEAD" in self.answered:
            match = Match.FULL
        return match, child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; OPTIONS and wrong methods for all routes of the path."""
        method = scope["method"]
        if method in self.answered and method != "OPTIONS":
            await self.perform(scope, receive, send)
            return
        allowed = allowed_methods(scope["router"].routes, scope)
        page = options_page(allowed) if method == "OPTIONS" else error_page(405, allow=allowed)
        await page(scope, receive, send)

    async def perform(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint; `edge` drops the body of HEAD."""
        await self.app(scope, receive, send)


class CreatingRoute(FlaskRoute):
    """A GET route that starts a job. HEAD answers 200 and starts none: HEAD has to be safe."""

    async def perform(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint, but not for HEAD."""
        if scope["method"] == "HEAD":
            await Response(media_type=MEDIA_TYPE)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope) -> frozenset[str]:
    """Return the methods that this path answers, empty where it is no path of these routes."""
    return frozenset(
        method
        for route in routes
        if isinstance(route, FlaskRoute) and route.matches(scope)[0] is not Match.NONE
        for method in route.answered
    )


def _answered(declared: Collection[str]) -> frozenset[str]:
    implied = {"HEAD", "OPTIONS"} if "GET" in declared else {"OPTIONS"}
    return frozenset(implied.union(declared))


def _direct(endpoint: Callable[..., Awaitable[Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await endpoint(request, **scope["path_params"])
        await response(scope, receive, send)

    return app
