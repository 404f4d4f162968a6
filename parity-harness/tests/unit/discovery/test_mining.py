"""What is read from the source of a view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

import pytest
from flask import abort, current_app, jsonify, make_response, request

from parity_harness.discovery.mining import Mined, mine
from parity_harness.discovery.shapes import Parameter, Place, Shape

Answer = Any
"""What these views return does not matter, nor what type checkers think of it."""

SORTS = {"name": 1, "-name": 2}
LIMIT = 50
TOKEN = "t0"
KEYS = ("title", "price")
USERS = {"ada": "pw1"}


class Color(Enum):
    RED = "red"
    BLUE = "blue"


def mined(view: Callable[..., object]) -> Mined:
    return mine([view], {"__config__": {"API_KEY": "k1"}})


def parameter(view: Callable[..., object], name: str) -> Parameter:
    return next(each for each in mined(view).parameters if each.name == name)


def body(view: Callable[..., object]) -> Shape:
    found = mined(view).body
    assert found is not None
    return found


def test_defaults_types_and_limits_of_query_parameters() -> None:
    def view() -> Answer:
        limit = min(request.args.get("limit", 10, type=int), LIMIT)
        page = int(request.args.get("page") or 1)
        return jsonify([limit, page, request.args["q"]])

    limit, page, query = (parameter(view, name) for name in ("limit", "page", "q"))

    assert (limit.default, limit.shape.kind, limit.shape.numbers) == (10, "integer", (50,))
    assert page.shape.kind == "integer"
    assert query.required


@pytest.mark.parametrize("name", ["compared", "member", "looked_up", "indexed", "enumerated"])
def test_constants_an_input_is_compared_with(name: str) -> None:
    def view() -> Answer:
        if request.args.get("compared") == "a" or request.args.get("compared") != "b":
            return ""
        if request.args.get("member", "").lower() not in ("a", "b"):
            return ""
        return SORTS.get(request.args["looked_up"]), SORTS[request.args["indexed"]]

    def enumerated() -> Answer:
        return Color(request.args["enumerated"])

    expected: dict[str, tuple[object, ...]] = {
        "compared": ("a", "b"),
        "member": ("a", "b"),
        "looked_up": ("name", "-name"),
        "indexed": ("name", "-name"),
        "enumerated": ("red", "blue"),
    }
    source = enumerated if name == "enumerated" else view

    assert parameter(source, name).shape.constants == expected[name]


def test_cases_of_a_match() -> None:
    def view() -> Answer:
        match request.args.get("mode"):
            case "fast" | "slow":
                return ""
            case "off":
                return "off"
        return None

    assert parameter(view, "mode").shape.constants == ("fast", "slow", "off")


def test_a_guarded_parameter_may_be_absent() -> None:
    def view() -> Answer:
        return int(request.args["x"]) if "x" in request.args else ""

    assert not parameter(view, "x").required


def test_keys_of_a_body_with_types_lengths_and_items() -> None:
    def view() -> Answer:
        data = request.get_json()
        if not isinstance(data["title"], str) or not 0 < len(data["title"]) <= 80:
            abort(400)
        if isinstance(data.get("count"), bool) or not isinstance(data.get("count"), int | float):
            return {"error": "count"}, 422
        tags = [tag.strip() for tag in data.get("tags", [])]
        for line in data["lines"]:
            tags.append(line["sku"])
        return {"id": 1, "address": data["address"]["city"], "tags": tags}, 201

    shape = body(view)
    fields = dict(shape.fields)

    assert shape.required == ("title", "lines", "address")
    assert (fields["title"].kind, fields["title"].lengths) == ("string", (0, 80))
    assert fields["count"].kind == "integer"
    assert fields["tags"].kind == "array"
    assert fields["lines"].items is not None
    assert fields["lines"].items.required == ("sku",)
    assert fields["address"].required == ("city",)
    assert mined(view).statuses == (201, 400, 422)
    assert mined(view).answers == ("error", "id", "address", "tags")


def test_keys_named_in_a_loop_or_a_difference_are_required() -> None:
    def by_loop() -> Answer:
        data = request.json
        return [key for key in KEYS if key not in data]

    def by_difference() -> Answer:
        return {"title", "price"} - request.get_json().keys()

    def extras() -> Answer:
        return set(request.get_json()) - {"title", "price"}

    assert set(body(by_loop).required) == {"title", "price"}
    assert set(body(by_difference).required) == {"title", "price"}
    assert {name for name, _ in body(extras).fields} == {"title", "price"}
    assert body(extras).required == ()


def test_conversions_say_the_type() -> None:
    def view() -> Answer:
        data = request.get_json()
        return (
            date.fromisoformat(data["on"]),
            datetime.fromisoformat(data["at"]),
            UUID(data["key"]),
            Decimal(data["price"]),
            float(data["rate"]),
        )

    shapes = {name: (shape.kind, shape.format) for name, shape in body(view).fields}

    assert shapes == {
        "on": ("string", "date"),
        "at": ("string", "date-time"),
        "key": ("string", "uuid"),
        "price": ("number", ""),
        "rate": ("number", ""),
    }


def payload() -> Answer:
    data = request.get_json(silent=True) or {}
    if "name" not in data:
        abort(400)
    return data


def checked(data: Answer, *, limit: int) -> Answer:
    return data["size"] > limit


def test_functions_of_the_project_are_followed_with_their_arguments() -> None:
    def view() -> Answer:
        data = payload()
        checked(data["box"], limit=3)
        return data["other"]

    shape = body(view)

    assert {name for name, _ in shape.fields} == {"name", "box", "other"}
    assert dict(shape.fields)["box"].required == ("size",)


def guarded(view: Callable[[], object]) -> Callable[[], object]:
    @wraps(view)
    def inner() -> object:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            abort(401)
        if request.headers.get("X-Api-Key") != current_app.config["API_KEY"]:
            abort(403)
        return view()

    return inner


def test_decorators_tell_their_credentials() -> None:
    @guarded
    def view() -> object:
        return request.args["q"]

    found = {each.name: each.shape.constants for each in mined(view).parameters}

    assert found == {"Authorization": ("Bearer t0",), "X-Api-Key": ("k1",), "q": ()}
    assert mined(view).statuses == (401, 403)


def test_basic_authentication_cookies_forms_and_files() -> None:
    def view() -> Answer:
        who: Any = request.authorization
        if who.username not in USERS or who.password != USERS[who.username]:
            return make_response("no", 401)
        best = request.accept_mimetypes.best_match(["text/html", "application/json"])
        return request.cookies.get("sid"), request.form["note"], request.files["doc"], best

    found = {(each.place, each.name): each.shape.constants for each in mined(view).parameters}

    assert found == {
        (Place.AUTH, "username"): ("ada",),
        (Place.AUTH, "password"): ("pw1",),
        (Place.HEADER, "Accept"): ("text/html", "application/json"),
        (Place.COOKIE, "sid"): (),
        (Place.FORM, "note"): (),
        (Place.FILE, "doc"): (),
    }
    assert mined(view).statuses == (401,)


def test_source_that_cannot_be_had_tells_nothing() -> None:
    names: dict[str, Any] = {}
    exec("def view(): return request.args['q']", names)  # noqa: S102  # a view without a file

    assert mined(names["view"]) == Mined()
    assert mined(lambda: request.args["q"]).parameters[0].name == "q"


def test_recursion_ends() -> None:
    def view() -> Answer:
        return view() if request.args.get("again") else ""

    assert parameter(view, "again").place is Place.QUERY


class Store:
    """Rows that a request does not make."""

    def __init__(self) -> None:
        self.rows = {"n1": {"id": "n1"}, "n2": {"id": "n2"}}

    @property
    def costly(self) -> dict[str, object]:
        raise AssertionError("reading source runs nothing")


class FakeApp:
    """An app as far as its extensions."""

    extensions: ClassVar = {"store": Store()}


ROWS = [{"id": 4}, {"id": 9}]
PLACES_KNOWN = {7: "x", 8: "y"}


def store() -> Store:
    found: Store = current_app.extensions["store"]
    return found


def at_path(view: Callable[..., object]) -> tuple[object, ...]:
    names = {"__app__": FakeApp(), "__path__": ("key",)}
    found = [each for each in mine([view], names).parameters if each.name == "key"]
    return found[0].shape.constants if found else ()


def test_keys_of_the_tables_a_path_parameter_is_looked_up_in() -> None:
    def by_function(key: str) -> Answer:
        return store().rows.get(key)

    def by_name(key: int) -> Answer:
        return PLACES_KNOWN[key] + "!" if key in PLACES_KNOWN else None

    def by_row(key: int) -> Answer:
        return next((row for row in ROWS if row["id"] == key), None)

    def by_method(key: str) -> Answer:
        for row in store().rows.values():
            if row["id"] == key:
                return row
        return None

    assert at_path(by_function) == ("n1", "n2")
    assert at_path(by_name) == (7, 8)
    assert at_path(by_method) == ("n1", "n2")


def test_what_takes_running_to_find_out_is_not_found_out() -> None:
    def view(key: str) -> Answer:
        return store().costly.get(key), store().missing.get(key), store(1).rows.get(key)  # type: ignore[attr-defined,call-arg]  # on purpose

    assert at_path(view) == ()
