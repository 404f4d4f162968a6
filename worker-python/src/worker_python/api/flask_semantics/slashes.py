"""Slashes too many: leading ones collapse, inner ones are answered with a redirect."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from worker_python.api.flask_semantics.pages import error_page, redirect_page
from worker_python.api.flask_semantics.routes import allowed_methods

_SLASHES = re.compile("/{2,}")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PATH_SAFE = "!$&'()*+,/:;=@"


def collapse_leading(scope: Scope) -> None:
    """Drop all leading slashes of a path but one; the path is then served."""
    if scope["path"].startswith("//"):
        scope["path"] = "/" + scope["path"].lstrip("/")


class MergedSlashes:
    """What the router does with a path it does not know: look again with inner slashes merged."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect where the merged path is a route with this method; else 405 or 404.

        Raises:
            HTTPException: 404.
        """
        path = _SLASHES.sub("/", scope["path"])
        if path == scope["path"]:
            raise HTTPException(404)
        allowed = allowed_methods(self._app.routes, {**scope, "path": path})
        if not allowed:
            raise HTTPException(404)
        if scope["method"] in allowed:
            page = redirect_page(_location(Request(scope), path))
        else:
            page = error_page(405, allow=allowed)
        await page(scope, receive, send)


def _location(request: Request, path: str) -> str:
    scheme = request.url.scheme
    host = request.headers.get("host") or request.url.netloc
    host = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
    location = f"{scheme}://{host}{quote(path, safe=_PATH_SAFE)}"
    query = request.scope["query_string"].decode(errors="replace")
    return f"{location}?{query}" if query else location
