"""The pages Werkzeug answers errors and redirects with, byte for byte (Werkzeug 3.1)."""

from __future__ import annotations

import html
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import HTMLResponse

_URI_SAFE = "!#$%&'()*+,/:;=?@"
_DESCRIPTIONS = {
    400: "The browser (or proxy) sent a request that this server could not understand.",
    404: (
        "The requested URL was not found on the server. If you entered the URL manually please"
        " check your spelling and try again."
    ),
    405: "The method is not allowed for the requested URL.",
    415: (
        "Did not attempt to load JSON data because the request Content-Type was not"
        " 'application/json'."
    ),
    500: (
        "The server encountered an internal error and was unable to complete your request. Either"
        " the server is overloaded or there is an error in the application."
    ),
}


def error_page(status: int, *, allow: Iterable[str] = ()) -> HTMLResponse:
    """Return the page of an error; `allow` names the methods of a 405."""
    name = HTTPStatus(status).phrase
    description = _escaped(_DESCRIPTIONS.get(status, name))
    page = (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {name}</title>\n"
        f"<h1>{name}</h1>\n<p>{description}</p>\n"
    )
    headers = {"allow": allow_header(allow)} if allow else None
    return HTMLResponse(page, status, headers)


def redirect_page(location: str) -> HTMLResponse:
    """Return the 308 that Werkzeug sends where a path has slashes too many.

    The page shows `location` as it is, the header has it percent-encoded.
    """
    link = _escaped(location)
    page = (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n"
        "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: "
        f'<a href="{link}">{link}</a>. If not, click the link.\n'
    )
    return HTMLResponse(page, 308, {"location": quote(location, safe=_URI_SAFE)})


def options_page(allow: Iterable[str]) -> HTMLResponse:
    """Return the empty answer to OPTIONS."""
    return HTMLResponse(b"", 200, {"allow": allow_header(allow)})


def allow_header(methods: Iterable[str]) -> str:
    """Return the value of `Allow`; Flask's order changes with the process, ours does not."""
    return ", ".join(sorted(methods))


def _escaped(text: str) -> str:
    """Return text as `markupsafe.escape` would: quotes by number, unlike `html.escape`."""
    return html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;")
