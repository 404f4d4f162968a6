"""Cures of answering: JSON, pages, redirects and errors as Flask writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from fastapi import Response
from starlette.types import Message, Send
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.urls import iri_to_uri
from werkzeug.utils import redirect as werkzeug_redirect

HTML = "text/html; charset=utf-8"


def jsonify(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer JSON byte for byte as Flask's provider does: sorted, ASCII, one newline."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return Response(text + "\n", status, headers, media_type="application/json")


def html(text: str, status: int = 200) -> Response:
    """Answer a page as a Flask view that returns a string does."""
    return Response(text, status, media_type="text/html")


def redirect(location: str, status: int = 302) -> Response:
    """Redirect with Flask's little page."""
    made = werkzeug_redirect(location, status)
    return Response(made.get_data(), status, {"location": iri_to_uri(location)}, HTML)


def error_page(error: HTTPException) -> Response:
    """Print what `abort` prints in Flask."""
    if error.response is not None:
        raise TypeError("an error that carries a response of its own is not ported")
    made = Response(error.get_body().encode(), error.code or 500)
    for name, value in error.get_headers():
        made.headers[name] = value
    return made


def bodiless(send: Send) -> Send:
    """Send on all but the body, as HEAD asks."""

    async def without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return without_body


def _plain(value: object) -> str:
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
