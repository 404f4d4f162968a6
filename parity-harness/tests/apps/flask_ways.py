"""The cures that make a FastAPI app answer as Flask does: routing, error pages, JSON and bodies.

Werkzeug stays as the reader of requests and the printer of error pages: where bytes must be read
alike, the surest cure is to keep the parser and to change only the framework around it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.request import Request as WerkzeugRequest
from werkzeug.sansio.utils import get_host
from werkzeug.urls import iri_to_uri
from werkzeug.utils import redirect as werkzeug_redirect

log = logging.getLogger(__name__)

HTML = "text/html; charset=utf-8"


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


register_url_convertor("digits", Digits())


class Asked(WerkzeugRequest):
    """A request as a Flask view sees it."""

    body: bytes = b""
    limit: int | None = None

    def data(self) -> bytes:
        """Return the body; raises 413 over the app's limit."""
        if self.limit is not None and len(self.body) > self.limit:
            raise RequestEntityTooLarge
        return self.body

    def json(self) -> Any:  # noqa: ANN401 - the JSON edge
        """Parse the body as JSON; raises 415 for another media type, 400 where malformed."""
        if not self.is_json:
            raise UnsupportedMediaType(
                "Did not attempt to load JSON data because the request"
                " Content-Type was not 'application/json'."
            )
        try:
            return json.loads(self.data())
        except ValueError as error:
            raise BadRequest from error

    @cached_property
    def _forms(self) -> tuple[Any, Any]:
        parser = FormDataParser(
            max_form_memory_size=500_000, max_form_parts=1000, cls=ImmutableMultiDict
        )
        stream, size = BytesIO(self.data()), len(self.body)
        return parser.parse(stream, self.mimetype, size, self.mimetype_params)[1:]

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        """Fields of a form, urlencoded or multipart; empty for any other body."""
        return self._forms[0]  # type: ignore[no-any-return]  # Werkzeug types it as its base

    @property
    def files(self) -> ImmutableMultiDict[str, Any]:
        """Uploaded files of a multipart form."""
        return self._forms[1]  # type: ignore[no-any-return]  # Werkzeug types it as its base


async def asked(request: Request) -> Asked:
    """Read a request whole, with Werkzeug's parsers behind it."""
    scope = request.scope
    made = Asked(
        method=scope["method"],
        scheme=scope["scheme"],
        server=scope.get("server"),
        root_path="",
        path=scope["path"],
        query_string=scope["query_string"],
        headers=Headers([(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]),
        remote_addr=None,
    )
    made.body = await request.body()
    made.limit = getattr(request.app.state, "max_body", None)
    return made


Ask = Annotated[Asked, Depends(asked)]


def jsonify(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer JSON byte for byte as Flask's provider does: sorted, ASCII, one newline."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return Response(text + "\n", status, headers, media_type="application/json")


def html(text: str, status: int = 200) -> Response:
    """Answer a page as a Flask view that returns a string does."""
    return Response(text, status, media_type="text/html")


def redirect(location: str, status: int = 302) -> Response:
    """Redirect with Flask's little page."""
    made = werkzeug_redirect(location, status)
    return Response(made.get_data(), status, {"location": iri_to_uri(location)}, HTML)


def documented(body: type[BaseModel] | None = None, *, query: Sequence[str] = ()) -> dict[str, Any]:
    """Tell OpenAPI what a handler reads by hand."""
    extra: dict[str, Any] = {
        "parameters": [{"name": n, "in": "query", "schema": {"type": "string"}} for n in query]
    }
    if body is not None:
        extra["requestBody"] = {
            "content": {"application/json": {"schema": body.model_json_schema()}}
        }
    return extra


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
            await answer(scope, receive, _bodiless(send) if scope["method"] == "HEAD" else send)
        else:
            await self._hand_on({**scope, "path": path}, receive, send)

    def _answer(self, scope: Scope, path: str) -> Response | None:
        method, allowed = scope["method"], self._allowed(path)
        if method not in allowed:
            merged = re.sub("/{2,}", "/", path)
            allowed |= self._allowed(merged)
            if method in allowed:
                return _moved(scope, merged)
            return _printed(MethodNotAllowed(sorted(allowed)) if allowed else NotFound())
        if not self._converts(path):
            return _printed(NotFound())
        if method == "OPTIONS":
            return Response(b"", 200, {"allow": ", ".join(sorted(allowed))}, HTML)
        return None

    def _allowed(self, path: str) -> set[str]:
        methods: set[str] = set()
        for route in self._matching(path):
            methods |= (route.methods or set()) | {"OPTIONS"}
        return methods | {"HEAD"} if "GET" in methods else methods

    def _converts(self, path: str) -> bool:
        try:
            for route in self._matching(path):
                route.matches({"type": "http", "path": path, "method": "GET"})
        except NotFound:
            return False
        return True

    def _matching(self, path: str) -> list[Route]:
        return [r for r in self.routes if isinstance(r, Route) and _matches_whole(r, path)]

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if scope["method"] == "HEAD":
            scope["method"], send = "GET", _bodiless(send)
        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("unhandled")
            if started:
                raise
            await _printed(InternalServerError())(scope, receive, send)


def _matches_whole(route: Route, path: str) -> bool:
    """Tell whether a route matches to the end: `$` lets a newline pass, Werkzeug's `\\Z` not."""
    found = route.path_regex.match(path)
    return found is not None and found.end() == len(path)


async def _page(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _printed(error)


def _printed(error: HTTPException) -> Response:
    if error.response is not None:
        raise TypeError("an error that carries a response of its own is not ported")
    made = Response(error.get_body().encode(), error.code or 500)
    for name, value in error.get_headers():
        made.headers[name] = value
    return made


def _moved(scope: Scope, path: str) -> Response:
    sent = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    host = get_host(scope["scheme"], sent.get("host"), scope.get("server"))
    query = scope["query_string"].decode("latin-1")
    target = quote(path, safe="!$&'()*+,/:;=@") + (f"?{query}" if query else "")
    return redirect(f"{scope['scheme']}://{host}{target}", 308)


def _bodiless(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return without_body
