"""Probes made from what the baseline answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from parity_harness.discovery.answers import Seen, id_key, id_pointer, normal, rows
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation, Route
from parity_harness.discovery.inventory.templates import path_parameter
from parity_harness.discovery.probes import follow_up, make
from parity_harness.discovery.shapes import Parameter, Place, Shape
from parity_harness.model.exchange import Exchange, Headers, Probe, Response

See = Callable[[Iterable[Probe]], Seen]

JSON = (("Content-Type", "application/json"),)


def pair(
    probe: Probe, one: object, other: object | None = None, headers: Headers = JSON
) -> tuple[Exchange, Exchange]:
    bodies = [json.dumps(each).encode() for each in (one, one if other is None else other)]
    first, second = (Exchange(probe, Response(200, headers, body)) for body in bodies)
    return first, second


def listed_below() -> tuple[Matched, list[tuple[Exchange, Exchange]]]:
    body = Shape("object", (("title", Shape("string")),))
    operations = (Operation("GET"), Operation("PUT", body=body), Operation("DELETE"))
    path = (path_parameter("id", "int"),)
    matched = _matched(
        Route("/a", (Operation("GET"),)),
        Route("/a/{id}", operations, path),
        Route("/a/{id}/close", (Operation("POST"),), path),
    )
    seen = [pair(Probe("GET", "/a", route="/a"), [{"id": number} for number in (5, 6, 7, 8)])]
    return matched, seen


def test_listed_ids_are_asked_for_but_not_removed() -> None:
    asked = {(each.method, each.target) for each in follow_up(*listed_below())}

    assert {("GET", f"/a/{number}") for number in (5, 6, 8)} <= asked
    assert ("POST", "/a/5/close") in asked
    assert not any(method == "DELETE" for method, _ in asked)


def test_bodies_are_spoilt_on_what_exists() -> None:
    found = follow_up(*listed_below())

    purposes = {each.purpose for each in found if (each.method, each.target) == ("PUT", "/a/5")}

    assert "first listed: body title: null" in purposes


def test_nothing_that_exists_is_removed_among_other_probes(matched: Matched, see: See) -> None:
    seen = see(make(matched, seed=0))

    removed = [one.response.status for one, _ in seen if one.probe.method == "DELETE"]

    assert len(removed) > 5
    assert 204 not in removed


def test_ids_that_differ_between_two_fresh_baselines_are_left_to_sequences() -> None:
    matched = _matched(Route("/a", (Operation("GET"),)), Route("/a/{id}", (Operation("GET"),)))
    seen = [pair(Probe("GET", "/a", route="/a"), [{"id": "x1"}], [{"id": "x2"}])]

    assert [each.target for each in follow_up(matched, seen)] == []


def test_values_to_filter_sort_and_search_by_come_from_the_rows(matched: Matched) -> None:
    parameters = tuple(Parameter(name, Place.QUERY) for name in ("status", "sort", "q", "tags"))
    matched = _matched(Route("/a", (Operation("GET", parameters=parameters),)))
    row = {"status": "open", "title": "milk", "tags": ["x y"]}
    seen = [pair(Probe("GET", "/a", route="/a"), {"items": [row]})]

    targets = {each.target for each in follow_up(matched, seen)}

    assert {"/a?status=open", "/a?sort=-title", "/a?q=mil", "/a?q=MILK", "/a?tags=x%20y"} <= targets


def test_amounts_and_days_are_compared_whatever_their_columns_are_called() -> None:
    parameters = (
        Parameter("since", Place.QUERY, Shape("string", format="date")),
        Parameter("min", Place.QUERY, Shape("number")),
        Parameter("q", Place.QUERY),
    )
    matched = _matched(Route("/a", (Operation("GET", parameters=parameters),)))
    row = {"booked": "Wed, 31 Jan 2024 00:00:00 GMT", "amount": "12.50", "memo": "Große Straße"}
    seen = [pair(Probe("GET", "/a", route="/a"), [row])]

    targets = {each.target for each in follow_up(matched, seen)}

    assert {"/a?since=2024-01-31", "/a?min=12.50", "/a?q=GROSSE%20STRASSE"} <= targets
    assert "/a?q=12.50" not in targets


def test_values_to_filter_by_come_from_more_pages_and_columns_and_are_asked_for_there() -> None:
    parameters = (Parameter("min", Place.QUERY, Shape("number")),)
    matched = _matched(Route("/a", (Operation("GET", parameters=parameters),)))
    pages = [[{"id": at, "price": f"{at}.10"} for at in page] for page in ((1, 2, 3), (4, 5, 6, 7))]
    seen = [
        pair(Probe("GET", f"/a?page={at}", route="/a"), page) for at, page in enumerate(pages, 1)
    ]

    targets = {each.target for each in follow_up(matched, seen)}

    assert {"/a?page=1&min=1", "/a?page=1&min=1.10", "/a?page=2&min=4.10"} <= targets
    assert "/a?page=2&min=1.10" not in targets


def test_validators_and_ranges_as_answered() -> None:
    matched = _matched(Route("/a", (Operation("GET"),)))
    headers = (
        ("ETag", '"v1"'),
        ("Last-Modified", "Fri, 17 May 2024 10:00:00 GMT"),
        ("Accept-Ranges", "bytes"),
    )
    answer = Response(200, headers, b"0123456789")
    seen = [(Exchange(Probe("GET", "/a", route="/a"), answer),) * 2]

    found = {each.purpose: dict(each.headers) for each in follow_up(matched, seen)}

    assert found["If-None-Match: as answered"] == {"If-None-Match": '"v1"'}
    assert found["If-Modified-Since: as answered"]["If-Modified-Since"].startswith("Fri")
    assert found["Range: seen 10-"] == {"Range": "bytes=10-"}
    assert found["Range: seen 0-0, HEAD"]["Range"] == "bytes=0-0"
    assert found["If-Range: ETag stale"] == {"If-Range": '"stale"', "Range": "bytes=0-0"}


def test_usual_lengths_are_tried_between_what_was_taken_and_what_was_refused() -> None:
    body = Shape("object", (("title", Shape("string")),))
    matched = _matched(Route("/a", (Operation("POST", body=body),)))

    def answered(probe: Probe) -> tuple[Exchange, Exchange]:
        title = json.loads(probe.body)["title"] if probe.body.startswith(b'{"title": "') else ""
        status = 201 if 0 < len(title) <= 80 else 400
        return (Exchange(probe, Response(status, JSON, probe.body)),) * 2

    found = {
        each.purpose: len(json.loads(each.body)["title"])
        for each in follow_up(matched, [answered(each) for each in make(matched, seed=0)])
        if each.purpose.endswith(" characters")
    }

    assert found["body title: 80 characters"] == 80
    assert found["body title: 81 characters"] == 81
    assert min(found.values()) == 64
    assert max(found.values()) == 241


def test_usual_lengths_are_not_tried_where_no_text_was_taken() -> None:
    body = Shape("object", (("count", Shape()),))
    matched = _matched(Route("/a", (Operation("POST", body=body),)))
    refused = Response(400, JSON, b"{}")
    seen = [(Exchange(each, refused),) * 2 for each in make(matched, seed=0)]

    assert not [x for x in follow_up(matched, seen) if x.purpose.endswith(" characters")]


def test_links_are_followed() -> None:
    matched = _matched(Route("/a", (Operation("GET"),)))
    seen = [pair(Probe("GET", "/a", route="/a"), {"next": "/a?page=2", "text": "/ no link"})]

    assert [each.target for each in follow_up(matched, seen)] == ["/a?page=2"]


def test_guesses_at_a_body_that_was_always_refused_use_what_was_answered() -> None:
    body = Shape("object", (("kind", Shape("string")), ("price", Shape())))
    matched = _matched(Route("/a", (Operation("POST", body=body),)))
    seen = [pair(Probe("GET", "/k", route="/k"), {"kind": "fruit"})]

    guesses = [json.loads(each.body) for each in follow_up(matched, seen)]

    assert guesses[0] == {"kind": "fruit", "price": 9.5}
    assert {"kind": "fruit", "price": "9.50"} in guesses
    assert {"kind": "fruit", "price": "2024-05-17"} in guesses


def test_a_body_that_went_well_is_spoilt_in_place_of_the_guess() -> None:
    body = Shape("object", (("kind", Shape("string")),))
    matched = _matched(Route("/a", (Operation("POST", body=body),)))
    went_well = Probe("POST", "/a", JSON, b'{"kind": "fruit", "more": 1}', "/a")
    seen = [pair(went_well, {})]

    found = {each.purpose: each.body for each in follow_up(matched, seen)}

    assert json.loads(found["learned: body kind: null"]) == {"kind": None, "more": 1}


@pytest.mark.parametrize(
    ("row", "parameter", "key"),
    [
        ({"id": 1, "jobId": 2}, "job_id", "jobId"),
        ({"id": 1}, "job_id", "id"),
        ({"job": 3, "name": "x"}, "job_id", "job"),
        ({"name": "x"}, "user", "name"),
        ({"done": True}, "user", None),
    ],
)
def test_which_key_of_a_row_is_the_id(
    row: dict[str, object], parameter: str, key: str | None
) -> None:
    assert id_key(row, parameter) == key


def test_where_answers_hold_ids_and_rows() -> None:
    assert id_pointer({"item": {"id": 1}}, "item_id") == "/item/id"
    assert id_pointer([1], "id") is None
    assert rows({"total": 1, "items": [{"a": 1}]}) == [("/items/0", {"a": 1})]
    assert rows("text") == []
    assert normal("Job-Id") == normal("job_id")


def _matched(*routes: Route) -> Matched:
    return Matched(
        tuple(MatchedRoute(each.template, each, each, each.operations) for each in routes)
    )
