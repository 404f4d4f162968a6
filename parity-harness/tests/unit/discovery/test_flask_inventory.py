"""What is read from Flask's url_map."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Blueprint, Flask, abort, request
from flask.views import MethodView
from werkzeug.middleware.proxy_fix import ProxyFix

from parity_harness.discovery.inventory import Route, of_app


def answer(**_: object) -> str:
    return ""


def routes(app: object) -> dict[str, Route]:
    return {route.template: route for route in of_app(app).routes}


def test_rules_of_one_template_are_one_route_with_all_its_methods() -> None:
    app = Flask("a")
    app.add_url_rule("/items", "list", answer)
    app.add_url_rule("/items", "create", answer, methods=["POST"])

    (route,) = of_app(app).routes

    assert route.methods == ("GET", "POST")
    assert route.implied == ("HEAD", "OPTIONS")
    assert [each.endpoint for each in route.operations] == ["list", "create"]


@pytest.mark.parametrize(
    ("rule", "template", "converters"),
    [
        ("/jobs/<int:job_id>", "/jobs/{job_id}", ["int"]),
        ("/jobs/<name>", "/jobs/{name}", ["string"]),
        ("/a/<float:x>/<uuid:y>", "/a/{x}/{y}", ["float", "uuid"]),
        ("/files/<path:name>", "/files/{name}", ["path"]),
        ('/<any(a, "b,c"):which>', "/{which}", ["any"]),
    ],
)
def test_converters_become_kinds_of_canonical_parameters(
    rule: str, template: str, converters: list[str]
) -> None:
    app = Flask("a", static_folder=None)
    app.add_url_rule(rule, "view", answer)

    (route,) = of_app(app).routes

    assert route.template == template
    assert [each.shape.format for each in route.path] == converters


def test_limits_of_converters_are_known() -> None:
    app = Flask("a", static_folder=None)
    app.add_url_rule(
        '/<any(a, "b,c"):which>/<int(min=3, max=9):n>/<string(length=2):lang>', "v", answer
    )

    which, number, lang = of_app(app).routes[0].path

    assert which.shape.constants == ("a", "b,c")
    assert number.shape.constants == (3, 9)
    assert lang.shape.lengths == (2,)


def test_a_converter_of_the_apps_own_goes_by_its_name() -> None:
    from werkzeug.routing import BaseConverter

    class Even(BaseConverter):
        regex = "[02468]"

    app = Flask("a", static_folder=None)
    app.url_map.converters["even"] = Even
    app.add_url_rule("/<even:n>", "view", answer)

    assert of_app(app).routes[0].path[0].shape.format == "even"


def test_blueprints_and_their_hooks_are_read() -> None:
    app = Flask("a")
    inner = Blueprint("inner", __name__)

    @inner.before_request
    def check() -> None:
        if request.headers.get("X-Key") != "secret":
            abort(401)

    inner.add_url_rule("/x", "view", answer)
    app.register_blueprint(inner, url_prefix="/in")
    app.add_url_rule("/y", "other", answer)

    found = routes(app)
    guarded, open_ = found["/in/x"].operations[0], found["/y"].operations[0]

    assert [(each.name, each.shape.constants) for each in guarded.parameters] == [
        ("X-Key", ("secret",))
    ]
    assert guarded.statuses == (401,)
    assert open_.parameters == ()


def test_each_method_of_a_class_view_is_read_for_itself() -> None:
    class Items(MethodView):
        def get(self) -> str:
            return request.args["q"]

        def post(self) -> str:
            return str(self.body()["title"])

        def body(self) -> dict[str, object]:
            data: dict[str, object] = request.get_json()
            return data

    app = Flask("a", static_folder=None)
    app.add_url_rule("/items", view_func=Items.as_view("items"))

    (route,) = of_app(app).routes
    get, post = route.operation("GET"), route.operation("POST")

    assert get is not None
    assert post is not None
    assert [each.name for each in get.parameters] == ["q"]
    assert get.body is None
    assert post.body is not None
    assert post.body.required == ("title",)


def test_options_written_by_hand_is_an_operation() -> None:
    app = Flask("a", static_folder=None)
    app.add_url_rule("/x", "view", answer, methods=["OPTIONS"], provide_automatic_options=False)

    (route,) = of_app(app).routes

    assert route.methods == ("OPTIONS",)
    assert route.implied == ()


def test_the_static_route_counts_where_there_are_files(tmp_path: Path) -> None:
    app = Flask("a", static_folder=str(tmp_path), static_url_path="/static")
    assert of_app(app).routes == ()

    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a {}")
    (route,) = of_app(app).routes

    assert route.template == "/static/{filename}"
    assert route.implicit
    assert route.path[0].shape.constants == ("css/a.css",)


def test_a_body_limit_is_read_from_the_configuration() -> None:
    app = Flask("a", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64
    app.add_url_rule("/x", "view", answer, methods=["POST"])

    assert of_app(app).routes[0].operations[0].body_limit == 64


def test_middleware_is_seen_through() -> None:
    app = Flask("a", static_folder=None)
    app.add_url_rule("/x", "view", answer)
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's guide says

    assert list(routes(ProxyFix(app))) == ["/x"]


def test_hosts_are_told_in_a_note() -> None:
    app = Flask("a", static_folder=None)
    app.add_url_rule("/x", "view", answer, subdomain="api")

    assert of_app(app).notes == (
        "routes bound to a host or subdomain are probed on the default host only",
    )


def test_an_app_without_a_router_is_an_empty_inventory_with_a_note() -> None:
    inventory = of_app(answer)

    assert inventory.routes == ()
    assert inventory.notes == ("function has no router that can be read",)
