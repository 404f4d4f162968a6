"""Twin 3, baseline: forms, cookies and headers: login, preferences, HTML, CORS, basic auth."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import escape

members = Blueprint("members", __name__)

SIGNER = URLSafeSerializer("a secret of the twins", salt="login")
THEMES = ("light", "dark")
LOGIN_FORM = """<!doctype html>
<title>Login</title>
<form method="post">
<input name="name"><input name="password" type="password"><button>Go</button>
</form>
"""


def create_app() -> Flask:
    """Make a fresh app that knows nobody."""
    app = Flask(__name__, static_folder=None)
    app.extensions["people"] = {}
    app.after_request(shared)
    app.register_blueprint(members)
    return app


@members.get("/")
def home() -> ResponseReturnValue:
    theme = request.cookies.get("theme", "light")
    who = escape(signed_in() or "stranger")
    return f'<!doctype html>\n<title>Members</title>\n<body class="{escape(theme)}">Hello, {who}!\n'


@members.get("/login")
def login_form() -> ResponseReturnValue:
    return LOGIN_FORM


@members.post("/login")
def login() -> ResponseReturnValue:
    """The first login of a name sets its password."""
    name, password = request.form["name"].strip(), request.form["password"]
    if not name or not password:
        return page("Name and password are needed."), 400
    person = people().setdefault(name, {"name": name, "password": password, "visits": 0})
    if person["password"] != password:
        return page(f"Wrong password for {name}."), 401
    target = request.args.get("next", "/me")
    response = redirect(target if is_local(target) else "/me")
    response.set_cookie("login", str(SIGNER.dumps(name)), httponly=True, samesite="Lax")
    return response


@members.post("/logout")
def logout() -> ResponseReturnValue:
    response = redirect("/")
    response.delete_cookie("login", httponly=True, samesite="Lax")
    return response


@members.get("/me")
def me() -> ResponseReturnValue:
    person = people().get(signed_in() or "")
    if person is None:
        return jsonify(error="sign in first"), 401
    person["visits"] += 1
    response = jsonify(name=person["name"], visits=person["visits"])
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response


@members.post("/preferences")
def set_preferences() -> ResponseReturnValue:
    theme = request.form.get("theme", "light")
    if theme not in THEMES:
        return jsonify(error=f"theme must be one of {', '.join(THEMES)}"), 400
    topics = request.form.getlist("topic")
    response = redirect("/preferences", 303)
    year = 365 * 24 * 3600
    response.set_cookie("theme", theme, max_age=year, path="/", samesite="Strict")
    response.set_cookie("topics", ", ".join(topics), max_age=year, secure=True)
    if "newsletter" in request.form:
        response.set_cookie("newsletter", "yes", path="/preferences")
    return response


@members.get("/preferences")
def preferences() -> ResponseReturnValue:
    topics = [topic for topic in request.cookies.get("topics", "").split(", ") if topic]
    chosen = {"theme": request.cookies.get("theme", "light"), "topics": topics}
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    if best == "text/html":
        items = "".join(f"<li>{escape(topic)}</li>" for topic in topics)
        response = make_response(f"<!doctype html>\n<ul>{items}</ul>\n")
    elif best is None:
        response = make_response(jsonify(error="JSON or HTML"), 406)
    else:
        response = jsonify(chosen)
    response.headers["Vary"] = "Accept, Cookie"
    return response


@members.get("/hello")
def hello() -> ResponseReturnValue:
    names = request.args.getlist("name") or ["you"]
    return page(f"Hello, {' and '.join(names)}!")


@members.get("/admin")
def admin() -> ResponseReturnValue:
    given = request.authorization
    if given is None or given.type != "basic":
        return "Sign in as an admin.\n", 401, {"WWW-Authenticate": 'Basic realm="members"'}
    if given.username != "admin" or given.password != "admin":
        return jsonify(error="not an admin"), 403
    return jsonify(members=sorted(people()))


@members.get("/feed")
def feed() -> ResponseReturnValue:
    response = jsonify(items=[{"id": 1, "title": "Opened"}, {"id": 2, "title": "Grown"}])
    response.headers.add("Link", '</feed?page=2>; rel="next"')
    response.headers.add("Link", '</feed?page=9>; rel="last"')
    response.cache_control.public = True
    response.cache_control.max_age = 60
    response.add_etag()
    return response.make_conditional(request)


@members.get("/status")
def status() -> ResponseReturnValue:
    return jsonify(status="in maintenance"), 503, {"Retry-After": "120"}


def people() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = current_app.extensions["people"]
    return found


def signed_in() -> str | None:
    try:
        return str(SIGNER.loads(request.cookies.get("login", "")))
    except BadSignature:
        return None


def is_local(target: str) -> bool:
    return target.startswith("/") and not target.startswith("//")


def page(text: str) -> str:
    return f"<!doctype html>\n<title>Members</title>\n<p>{escape(text)}</p>\n"


def shared(response: Response) -> Response:
    """Let pages of other origins read the feed, and frame nothing."""
    response.headers["X-Frame-Options"] = "DENY"
    if request.path == "/feed" and "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.vary.add("Origin")
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "600"
    return response
