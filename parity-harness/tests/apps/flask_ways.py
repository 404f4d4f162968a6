"""Cures of routing: what Flask's router answers by itself, around a FastAPI app."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from flask_answers import HTML, bodiless, error_page, redirect
from starlette.convertors import Convertor, PathConvertor, register_url_convertor
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound
from werkzeug.sansio.utils import get_host

log = logging.getLogger(__name__)


class Digits(Convertor[int]):
    """Flask's `<int:…>`: any Unicode digits, no sign; what `int` refuses is an unknown path."""

    regex = r"\d+"

    def convert(self, value: str) -> int:
        try:
            return int(value)
        except ValueError as error:
            raise NotFound from error

    def to_string(self, value: int) -> str:
        return str(value)


class Rest(PathConvertor):
    """Flask's `<path:…>`: at least one character, and no slash first."""

    regex = "[^/].*?"


register_url_convertor("digits", Digits())
register_url_convertor("rest", Rest())


def new_app(router: APIRouter, *, max_body: int | None = None) -> FastAPI:
    """Make an app that has the routes of `router` and no others, and Flask's manners."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.max_body = max_body
    app.include_router(router)
    app.add_exception_handler(HTTPException, _page)
    app.add_middleware(FlaskWays, routes=router.routes)
    return app


@dataclass(frozen=True, slots=True)
class FlaskWays:
    """What Flask's router answers by itself: OPTIONS, HEAD, 404, 405, slashes, and the 500 page."""

    app: ASGIApp
    routes: Sequence[BaseRoute]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here, or hand on to FastAPI what one of its routes will take."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = "/" + scope["path"].lstrip("/")
        answer = self._answer(scope, path)
        if answer is not None:
            await answer(scope, receive, bodiless(send) if scope["method"] == "HEAD" else send)
        else:
            await self._hand_on({**scope, "path": path}, receive, send)

    def _answer(self, scope: Scope, path: str) -> Response | None:
        method, routes = scope["method"], self._matching(path)
        place = next((n for n, route in enumerate(routes) if method in _taken([route])), None)
        if place is None:
            merged = re.sub("/{2,}", "/", path)
            allowed = _taken(routes) | _taken(self._matching(merged))
            return _moved(scope, merged) if method in allowed else _refused(allowed)
        if not _converts(routes[place], path):
            return _refused(_taken(routes[:place]))
        if method == "OPTIONS":
            return Response(b"", 200, {"allow": ", ".join(sorted(_taken(routes)))}, HTML)
        return None

    def _matching(self, path: str) -> list[Route]:
        return [r for r in self.routes if isinstance(r, Route) and _matches_whole(r, path)]

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if scope["method"] == "HEAD":
            scope["method"], send = "GET", bodiless(send)
        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("unhandled")
            if started:
                raise
            await error_page(InternalServerError())(scope, receive, send)


def _matches_whole(route: Route, path: str) -> bool:
    """Tell whether a route matches to the end: `$` lets a last newline pass, Werkzeug does not."""
    found = route.path_regex.match(path)
    return found is not None and found.end() == len(path)


def _taken(routes: Sequence[Route]) -> set[str]:
    """Name the methods that Flask lets these routes take."""
    methods: set[str] = set()
    for route in routes:
        methods |= (route.methods or set()) | {"OPTIONS"}
    return methods | {"HEAD"} if "GET" in methods else methods


def _converts(route: Route, path: str) -> bool:
    try:
        route.matches({"type": "http", "path": path, "method": "GET"})
    except NotFound:
        return False
    return True


def _refused(allowed: set[str]) -> Response:
    return error_page(MethodNotAllowed(sorted(allowed)) if allowed else NotFound())


async def _page(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return error_page(error)


def _moved(scope: Scope, path: str) -> Response:
    sent = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    host = get_host(scope["scheme"], sent.get("host"), scope.get("server"))
    query = scope["query_string"].decode("latin-1")
    target = quote(path, safe="!$&'()*+,/:;=@") + (f"?{query}" if query else "")
    return redirect(f"{scope['scheme']}://{host}{target}", 308)
