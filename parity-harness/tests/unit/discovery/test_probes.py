"""Probes made from an inventory: what is asked, in which order, and how it looks on the wire."""

from __future__ import annotations

import json

import pytest

from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation, Route
from parity_harness.discovery.inventory.templates import path_parameter
from parity_harness.discovery.probes import make
from parity_harness.discovery.probes.examples import example
from parity_harness.discovery.shapes import Parameter, Place, Shape
from parity_harness.model.exchange import Probe

BODY = Shape(
    "object",
    (
        ("title", Shape("string", lengths=(40,))),
        ("count", Shape("integer", numbers=(1, 9))),
        ("kind", Shape("string", constants=("new", "old"))),
        ("lines", Shape("array", items=Shape("object", (("sku", Shape("string")),), ("sku",)))),
    ),
    ("title",),
)


def probes(
    *operations: Operation, template: str = "/x", path: tuple[Parameter, ...] = ()
) -> list[Probe]:
    route = Route(template, operations, path)
    matched = Matched((MatchedRoute(template, route, route, operations),))
    return list(make(matched, seed=0))


def by_purpose(found: list[Probe], method: str | None = None) -> dict[str, Probe]:
    return {each.purpose: each for each in found if method in (None, each.method)}


def test_reads_come_first_removals_late_and_reads_again_last() -> None:
    found = probes(Operation("DELETE"), Operation("GET"), Operation("POST"))
    order = [(each.method, each.purpose) for each in found]

    assert order[:2] == [("GET", "valid request"), ("POST", "valid request")]
    assert order.index(("DELETE", "valid request")) > order.index(("POST", "body: unasked for"))
    assert order[-1] == ("GET", "valid request after all writes")


def test_the_order_is_the_same_every_time_and_purposes_are_unique(matched: Matched) -> None:
    found = list(make(matched, seed=0))
    keys = [(each.method, each.route, each.purpose) for each in found]

    assert found == list(make(matched, seed=1))
    assert len(set(keys)) == len(keys)


def test_a_ten_operation_app_takes_a_bounded_number_of_probes(matched: Matched) -> None:
    assert sum(len(route.operations) for route in matched.routes) == 10
    assert 400 <= len(list(make(matched, seed=0))) <= 900


def test_every_target_can_go_on_the_wire(matched: Matched) -> None:
    for probe in make(matched, seed=0):
        assert probe.target.startswith("/")
        assert probe.target.isascii()
        assert " " not in probe.target
        assert all(ord(char) >= 0x20 for _, value in probe.headers for char in value)


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"]
)
def test_methods_nobody_wrote_are_asked(method: str) -> None:
    found = probes(Operation("GET"))

    assert any(each.method == method and each.route == "/x" for each in found)


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        ("int", "abc"), ("int", "0"), ("int", "-1"), ("int", "%2B7"), ("int", "1.0"),
        ("int", "1_0"), ("int", "%201"), ("int", "007"), ("int", "%D9%A3"), ("int", "9" * 4301),
        ("int", "a%2Fb"),
        ("float", "1"), ("float", "nan"), ("float", "1e3"),
        ("uuid", "urn:uuid:11111111-2222-4333-8444-555555555555"),
        ("string", "%FF%FE"), ("string", "%zz"), ("path", "a//b"), ("path", "a/../b"),
    ],
)  # fmt: skip
def test_odd_values_for_every_converter(converter: str, value: str) -> None:
    found = probes(Operation("GET"), template="/x/{key}", path=(path_parameter("key", converter),))

    assert f"/x/{value}" in {each.target for each in found}


def test_constants_and_lengths_of_path_parameters_are_tried() -> None:
    path = (path_parameter("lang", "string", ("en", "fr"), (2,)),)

    targets = {each.target for each in probes(Operation("GET"), template="/{lang}", path=path)}

    assert {"/en", "/fr", "/EN", "/a", "/al", "/alp"} <= targets


@pytest.mark.parametrize(
    ("parameter", "queries"),
    [
        (
            Parameter("limit", Place.QUERY, Shape("integer", numbers=(50,)), default=10),
            ["limit=", "limit=0", "limit=-1", "limit=49", "limit=51", "limit=1000000", "limit=10",
             "limit=abc", "limit=1.5", "limit=1_0", "limit=1&limit=2", "limit=1&limit=&limit=2"],
        ),
        (
            Parameter("sort", Place.QUERY, Shape("string", constants=("-", "name"))),
            ["sort=name", "sort=-name", "sort=NAME", "sort=no-such", "sort=", "SORT=-", "sort",
             "sort=namea%2541%20%C3%A9%3Fb%3D1%26c", "sort=e%CC%81"],
        ),
        (
            Parameter("done", Place.QUERY, Shape("boolean")),
            ["done=true", "done=True", "done=1", "done=maybe", "done=a;b", "done=%FF"],
        ),
    ],
)  # fmt: skip
def test_query_parameters(parameter: Parameter, queries: list[str]) -> None:
    found = probes(Operation("GET", parameters=(parameter,)))

    assert set(queries) <= {each.target.partition("?")[2] for each in found}


def test_required_query_parameters_are_always_sent_except_once() -> None:
    wanted = Parameter("q", Place.QUERY, Shape("string"), required=True)
    found = by_purpose(probes(Operation("GET", parameters=(wanted,))))

    assert found["valid request"].target == "/x?q=alpha"
    assert found["query q: missing"].target == "/x"


def test_bodies_miss_null_and_spoil_each_key() -> None:
    found = by_purpose(probes(Operation("POST", body=BODY)), "POST")
    told = {name: json.loads(each.body) for name, each in found.items() if name.startswith("body ")}

    valid = json.loads(found["valid request"].body)
    assert valid == {"title": "alpha", "count": 5, "kind": "new", "lines": [{"sku": "alpha"}]}
    assert "title" not in told["body title: missing"]
    assert told["body count: null"]["count"] is None
    assert told["body count: numeric string"]["count"] == "3"
    assert told["body count: 10"]["count"] == 10
    assert len(told["body title: 41 characters"]["title"]) == 41
    assert told["body kind: 'old'"]["kind"] == "old"
    assert told["body lines: item sku: missing"]["lines"] == [{}]
    assert len(told["body title: 16 wide characters"]["title"].encode()) == 64
    assert json.loads(found["body: required keys only"].body) == {"title": "alpha"}
    assert json.loads(found["body: extra key"].body)["parity_extra"] == 1


def test_keys_of_inner_objects_are_spoilt_and_dates_tried() -> None:
    address = Shape(
        "object", (("city", Shape("string")), ("since", Shape("string", format="date")))
    )
    body = Shape("object", (("address", address),))
    found = by_purpose(probes(Operation("POST", body=body)), "POST")

    inner = json.loads(found["body address: city: null"].body)["address"]
    leap = json.loads(found["body address: since: date 2024-13-45"].body)["address"]

    assert inner == {"city": None, "since": "2024-05-17"}
    assert leap["since"] == "2024-13-45"


@pytest.mark.parametrize(
    ("purpose", "start"),
    [
        ("body: empty", b""),
        ("body: malformed", b'{"a": '),
        ("body: not UTF-8", b'{"a": "\xff'),
        ("body: array", b"[]"),
        ("body: null", b"null"),
    ],
)
def test_bodies_that_are_no_plain_json(purpose: str, start: bytes) -> None:
    found = by_purpose(probes(Operation("POST", body=BODY)), "POST")

    assert found[purpose].body.startswith(start)
    assert ("Content-Type", "application/json") in found[purpose].headers


def test_content_types_missing_wrong_and_vendor() -> None:
    found = by_purpose(probes(Operation("POST", body=BODY)), "POST")

    types = {name: dict(each.headers).get("Content-Type") for name, each in found.items()}

    assert types["content type: missing"] is None
    assert types["content type: text"] == "text/plain"
    assert types["content type: vendor"] == "application/vnd.api+json"


def test_forms_with_and_without_files() -> None:
    note = Parameter("note", Place.FORM, Shape("string"), required=True)
    doc = Parameter("doc", Place.FILE)

    plain = by_purpose(probes(Operation("POST", parameters=(note,))), "POST")
    files = by_purpose(probes(Operation("POST", parameters=(note, doc))), "POST")

    assert plain["valid request"].body == b"note=alpha"
    assert plain["form note: missing"].body == b""
    assert plain["form note: repeated"].body == b"note=alpha&note=beta"
    assert plain["form note: repeated, one empty"].body == b"note=alpha&note=&note=beta"
    assert b'filename="alpha.txt"' in files["valid request"].body
    assert b'filename=""' in files["file doc: named ''"].body
    assert b'name="doc"' not in files["form doc: missing"].body
    assert b"Content-Type: Text/HTML" in files["file doc: of type 'Text/HTML'"].body
    assert b"Content-Type" not in files["file doc: of type None"].body
    assert len(files["form: field of 500 kB"].body) > 500_000


def test_form_fields_have_what_the_source_compares_them_with_and_long_texts() -> None:
    theme = Parameter("theme", Place.FORM, Shape("string", constants=("light", "dark")))
    name = Parameter("name", Place.FORM, Shape("string", lengths=(8,)))

    found = by_purpose(probes(Operation("POST", parameters=(theme, name))), "POST")

    assert b"theme=dark" in found["form theme: 'dark'"].body
    assert b"theme=DARK" in found["form theme: 'DARK'"].body
    assert b"name=alphabeta" in found["form name: 9 characters"].body
    assert len(found["form name: very long"].body) > 3_000
    assert b"name=" + b"%F0%9F%98%80" * 4 in found["form name: 4 wide characters"].body


def test_credentials_from_the_source_open_the_door_and_wrong_ones_are_tried() -> None:
    key = Parameter("X-Api-Key", Place.HEADER, Shape("string", constants=("k1",)))
    bearer = Parameter("Authorization", Place.HEADER, Shape("string", constants=("Bearer ", "t0")))
    found = by_purpose(probes(Operation("GET", parameters=(key, bearer))), "GET")

    assert dict(found["valid request"].headers) == {"X-Api-Key": "k1", "Authorization": "Bearer t0"}
    assert dict(found["header X-Api-Key: missing"].headers) == {"Authorization": "Bearer t0"}
    assert dict(found["authorization: missing"].headers) == {"X-Api-Key": "k1"}
    assert dict(found["authorization: wrong token"].headers)["Authorization"] == "Bearer wrong"
    assert (
        dict(found["authorization: scheme in lower case"].headers)["Authorization"] == "bearer t0"
    )


def test_basic_credentials_and_cookies() -> None:
    parameters = (
        Parameter("username", Place.AUTH, Shape("string", constants=("ada",))),
        Parameter("password", Place.AUTH, Shape("string", constants=("pw",))),
        Parameter("theme", Place.COOKIE, Shape("string", constants=("dark",))),
    )
    found = by_purpose(probes(Operation("GET", parameters=parameters)), "GET")

    assert found["valid request"].headers == (
        ("Cookie", "theme=dark"),
        ("Authorization", "Basic YWRhOnB3"),
    )
    assert dict(found["cookie theme: wrong"].headers)["Cookie"] == "theme=wrong"
    assert dict(found["cookie theme: repeated"].headers)["Cookie"] == "theme=dark; theme=other"


def test_an_acceptable_type_is_asked_for_where_the_handler_looks_at_it() -> None:
    accept = Parameter("Accept", Place.HEADER, Shape("string", constants=("text/csv", "text/html")))
    found = by_purpose(probes(Operation("GET", parameters=(accept,))), "GET")

    assert dict(found["valid request"].headers) == {"Accept": "text/csv"}
    assert dict(found["header Accept: text/html"].headers) == {"Accept": "text/html"}
    assert "Accept" not in dict(found["header Accept: missing"].headers)


@pytest.mark.parametrize(
    ("template", "targets"),
    [
        ("/a/b", {"/a/b/", "//a/b", "/a//b", "/A/B", "/a/b//"}),
        ("/a/", {"/a", "//a/"}),
        ("/", {"//"}),
    ],
)
def test_slashes(template: str, targets: set[str]) -> None:
    found = probes(Operation("GET"), template=template)

    assert targets <= {each.target for each in found}


@pytest.mark.parametrize(
    "header", ["Accept", "Accept-Encoding", "If-None-Match", "Range", "Origin"]
)
def test_reads_are_asked_with_headers_that_middleware_answers(header: str) -> None:
    found = probes(Operation("GET"))

    assert any(header in dict(each.headers) for each in found if each.route)


def test_preflights_name_the_method() -> None:
    found = by_purpose(probes(Operation("POST")))

    preflight = found["CORS: preflight for POST"]

    assert preflight.method == "OPTIONS"
    assert dict(preflight.headers)["Access-Control-Request-Method"] == "POST"


@pytest.mark.parametrize(
    "target", ["/docs", "/redoc", "/openapi.json", "/static/parity.txt", "/", "/x/parity/no/such"]
)
def test_addresses_outside_of_routes(target: str) -> None:
    assert target in {each.target for each in probes(Operation("GET")) if each.route is None}


def test_bodies_at_and_beyond_the_limit() -> None:
    found = by_purpose(probes(Operation("POST", body_limit=100)), "POST")

    assert len(found["body: at the limit of 100 bytes"].body) == 100
    assert len(found["body: beyond the limit of 100 bytes"].body) == 101


@pytest.mark.parametrize(
    ("shape", "name", "value"),
    [
        (Shape(), "email", "ada@example.org"),
        (Shape("string"), "due_date", "2024-05-17"),
        (Shape(), "tags", ["alpha"]),
        (Shape(), "is_done", True),
        (Shape(), "quantity", 3),
        (Shape("string"), "quantity", "alpha"),
        (Shape("string", lengths=(8,)), "password", "alphabet"),
        (Shape("string", lengths=(80,)), "title", "alpha"),
        (Shape("integer", numbers=(10, 20)), "n", 15),
        (Shape("integer", numbers=(100,)), "n", 3),
        (Shape("number"), "n", 3.5),
        (Shape("string", constants=("-", "up")), "order", "up"),
        (Shape("array", items=Shape("integer")), "xs", [3]),
        (Shape("string", format="uuid"), "key", "11111111-2222-4333-8444-555555555555"),
    ],
)
def test_examples_that_a_handler_is_likely_to_take(shape: Shape, name: str, value: object) -> None:
    assert example(shape, name) == value
