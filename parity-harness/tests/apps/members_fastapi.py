"""Twin 3, candidate: forms, cookies and headers, ported by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from flask_answers import html, jsonify, redirect
from flask_reading import Ask, Asked, documented, form_fields
from flask_ways import new_app
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import escape
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import dump_cookie, generate_etag, http_date
from werkzeug.sansio.http import is_resource_modified

members = APIRouter()

SIGNER = URLSafeSerializer("a secret of the twins", salt="login")
THEMES = ("light", "dark")
LOGIN_FORM = """<!doctype html>
<title>Login</title>
<form method="post">
<input name="name"><input name="password" type="password"><button>Go</button>
</form>
"""


def create_app() -> FastAPI:
    """Make a fresh app that knows nobody."""
    app = new_app(members)
    app.state.people = {}
    app.add_middleware(Shared)
    return app


@members.get("/")
async def home(asked: Ask) -> Response:
    theme = asked.cookies.get("theme", "light")
    who = escape(signed_in(asked) or "stranger")
    return html(
        f'<!doctype html>\n<title>Members</title>\n<body class="{escape(theme)}">Hello, {who}!\n'
    )


@members.get("/login")
async def login_form() -> Response:
    return html(LOGIN_FORM)


@members.post("/login", openapi_extra=form_fields("name", "password"))
async def login(request: Request, asked: Ask) -> Response:
    """The first login of a name sets its password."""
    name, password = asked.form["name"].strip(), asked.form["password"]
    if not name or not password:
        return html(page("Name and password are needed."), 400)
    person = people(request).setdefault(name, {"name": name, "password": password, "visits": 0})
    if person["password"] != password:
        return html(page(f"Wrong password for {name}."), 401)
    target = asked.args.get("next", "/me")
    response = redirect(target if is_local(target) else "/me")
    set_cookie(response, "login", str(SIGNER.dumps(name)), httponly=True, samesite="Lax")
    return response


@members.post("/logout")
async def logout() -> Response:
    response = redirect("/")
    set_cookie(response, "login", "", max_age=0, expires=0, httponly=True, samesite="Lax")
    return response


@members.get("/me")
async def me(request: Request, asked: Ask) -> Response:
    person = people(request).get(signed_in(asked) or "")
    if person is None:
        return jsonify({"error": "sign in first"}, 401)
    person["visits"] += 1
    seen = {"name": person["name"], "visits": person["visits"]}
    return jsonify(seen, 200, {"Cache-Control": "private, no-store"})


@members.post("/preferences", openapi_extra=form_fields("theme", "topic", "newsletter"))
async def set_preferences(asked: Ask) -> Response:
    theme = asked.form.get("theme", "light")
    if theme not in THEMES:
        return jsonify({"error": f"theme must be one of {', '.join(THEMES)}"}, 400)
    topics = asked.form.getlist("topic")
    response = redirect("/preferences", 303)
    year = 365 * 24 * 3600
    set_cookie(response, "theme", theme, max_age=year, path="/", samesite="Strict")
    set_cookie(response, "topics", ", ".join(topics), max_age=year, secure=True)
    if "newsletter" in asked.form:
        set_cookie(response, "newsletter", "yes", path="/preferences")
    return response


@members.get("/preferences")
async def preferences(asked: Ask) -> Response:
    topics = [topic for topic in asked.cookies.get("topics", "").split(", ") if topic]
    chosen = {"theme": asked.cookies.get("theme", "light"), "topics": topics}
    best = asked.accept_mimetypes.best_match(["application/json", "text/html"])
    if best == "text/html":
        items = "".join(f"<li>{escape(topic)}</li>" for topic in topics)
        response = html(f"<!doctype html>\n<ul>{items}</ul>\n")
    elif best is None:
        response = jsonify({"error": "JSON or HTML"}, 406)
    else:
        response = jsonify(chosen)
    response.headers["Vary"] = "Accept, Cookie"
    return response


@members.get("/hello", openapi_extra=documented(query=("name",)))
async def hello(asked: Ask) -> Response:
    names = asked.args.getlist("name") or ["you"]
    return html(page(f"Hello, {' and '.join(names)}!"))


@members.get("/admin")
async def admin(request: Request, asked: Ask) -> Response:
    given = asked.authorization
    if given is None or given.type != "basic":
        response = html("Sign in as an admin.\n", 401)
        response.headers["WWW-Authenticate"] = 'Basic realm="members"'
        return response
    if given.username != "admin" or given.password != "admin":
        return jsonify({"error": "not an admin"}, 403)
    return jsonify({"members": sorted(people(request))})


@members.get("/feed")
async def feed(asked: Ask) -> Response:
    response = jsonify({"items": [{"id": 1, "title": "Opened"}, {"id": 2, "title": "Grown"}]})
    response.headers.append("Link", '</feed?page=2>; rel="next"')
    response.headers.append("Link", '</feed?page=9>; rel="last"')
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["ETag"] = f'"{generate_etag(bytes(response.body))}"'
    response.headers["Date"] = http_date()
    return conditional(asked, response)


@members.get("/status")
async def status() -> Response:
    return jsonify({"status": "in maintenance"}, 503, {"Retry-After": "120"})


def people(request: Request) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = request.app.state.people
    return found


def signed_in(asked: Asked) -> str | None:
    try:
        return str(SIGNER.loads(asked.cookies.get("login", "")))
    except BadSignature:
        return None


def is_local(target: str) -> bool:
    return target.startswith("/") and not target.startswith("//")


def page(text: str) -> str:
    return f"<!doctype html>\n<title>Members</title>\n<p>{escape(text)}</p>\n"


def set_cookie(response: Response, name: str, value: str, **attributes: Any) -> None:  # noqa: ANN401 - as Werkzeug has them
    response.headers.append("Set-Cookie", dump_cookie(name, value, **attributes))


def conditional(asked: Asked, response: Response) -> Response:
    """Answer 304 or 412 where the client's copy is good or gone."""
    sent = asked.headers
    if is_resource_modified(
        http_if_modified_since=sent.get("If-Modified-Since"),
        http_if_none_match=sent.get("If-None-Match"),
        http_if_match=sent.get("If-Match"),
        etag=response.headers["ETag"],
    ):
        return response
    if asked.if_match:
        response.status_code = 412
        return response
    response.status_code, response.body = 304, b""
    for name in ("Content-Type", "Content-Length"):
        del response.headers[name]
    return response


class Shared:
    """Lets pages of other origins read the feed, and frames nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sharing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Frame-Options"] = "DENY"
                if path == "/feed" and "origin" in sent:
                    headers.update(allowed(scope["method"], sent["origin"]))
                    headers.add_vary_header("Origin")
            await send(message)

        path = "/" + scope.get("path", "").lstrip("/")
        sent = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope.get("headers", ())}
        await self.app(scope, receive, sharing)


def allowed(method: str, origin: str) -> Mapping[str, str]:
    preflight = {
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type, If-None-Match",
        "Access-Control-Max-Age": "600",
    }
    return {"Access-Control-Allow-Origin": origin} | (preflight if method == "OPTIONS" else {})
