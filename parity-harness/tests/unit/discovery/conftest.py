"""A pair of small apps, and what the baseline answers when it is asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

import pytest
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    request,
)
from flask.typing import ResponseReturnValue
from werkzeug.test import EnvironBuilder, run_wsgi_app

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched, match, of_app
from parity_harness.model.exchange import Exchange, Probe, Response

views = Blueprint("views", __name__)

STATUSES = ("open", "done")
Ask = Callable[[Flask, Probe], Response]
See = Callable[[Iterable[Probe]], Seen]


def shop() -> Flask:
    """Make a fresh shop: items with a life, a login, a token, a validator."""
    app = Flask("shop", static_folder=None)
    app.extensions["items"] = {7: {"id": 7, "title": "milk", "status": "open"}}
    app.register_blueprint(views)
    return app


def items() -> dict[int, dict[str, object]]:
    found: dict[int, dict[str, object]] = current_app.extensions["items"]
    return found


@views.get("/items")
def list_items() -> ResponseReturnValue:
    limit = request.args.get("limit", 10, type=int)
    wanted = request.args.get("status")
    if wanted and wanted not in STATUSES:
        abort(400)
    found = [each for each in items().values() if wanted in (None, each["status"])]
    return jsonify(items=found[: min(limit, 20)])


@views.post("/items")
def create_item() -> ResponseReturnValue:
    data = request.get_json()
    if not isinstance(data["title"], str) or len(data["title"]) > 40:
        return {"error": "title"}, 400
    number = max(items(), default=0) + 1
    items()[number] = {"id": number, "title": data["title"], "status": "open"}
    return items()[number], 201, {"Location": f"/items/{number}"}


@views.get("/items/<int:item_id>")
def read_item(item_id: int) -> ResponseReturnValue:
    if item_id not in items():
        return {"error": "none"}, 404
    response = jsonify(items()[item_id])
    response.set_etag(f"v{item_id}")
    return response.make_conditional(request)


@views.put("/items/<int:item_id>")
def change_item(item_id: int) -> ResponseReturnValue:
    if item_id not in items():
        return {"error": "none"}, 404
    items()[item_id]["title"] = request.get_json()["title"]
    return items()[item_id]


@views.delete("/items/<int:item_id>")
def delete_item(item_id: int) -> ResponseReturnValue:
    return ("", 204) if items().pop(item_id, None) else ({"error": "none"}, 404)


@views.post("/items/<int:item_id>/close")
def close_item(item_id: int) -> ResponseReturnValue:
    if item_id not in items():
        return {"error": "none"}, 404
    items()[item_id]["status"] = "done"
    return items()[item_id]


@views.post("/login")
def login() -> ResponseReturnValue:
    response = redirect("/me")
    response.set_cookie("sid", request.form["name"])
    return response


@views.post("/token")
def token() -> ResponseReturnValue:
    return {"access_token": "t1"}


@views.post("/logout")
def logout() -> ResponseReturnValue:
    return make_response("bye")


@views.get("/me")
def me() -> ResponseReturnValue:
    return {"name": request.cookies.get("sid"), "token": request.headers.get("Authorization")}


@pytest.fixture
def make_shop() -> Callable[[], Flask]:
    return shop


@pytest.fixture
def matched() -> Matched:
    """The shop against itself: discovery needs no second framework to know what to ask."""
    return match(of_app(shop()), of_app(shop()))


@pytest.fixture
def ask() -> Ask:
    return _ask


@pytest.fixture
def see() -> See:
    """Answer probes twice, each time by a fresh shop, as the session does to learn noise."""

    def seen(probes: Iterable[Probe]) -> Seen:
        one, other = shop(), shop()
        return [
            (Exchange(probe, _ask(one, probe)), Exchange(probe, _ask(other, probe)))
            for probe in probes
        ]

    return seen


def _ask(app: Flask, probe: Probe) -> Response:
    path, _, query = probe.target.partition("?")
    environ = EnvironBuilder(method=probe.method).get_environ()
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    environ |= {"QUERY_STRING": query, "CONTENT_LENGTH": str(len(probe.body))}
    environ["wsgi.input"] = io.BytesIO(probe.body)
    for name, value in probe.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    body, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Response(int(status[:3]), tuple(headers), b"".join(body))
