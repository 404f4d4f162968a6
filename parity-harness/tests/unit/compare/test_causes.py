"""One mistake, one cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from parity_harness.compare.causes import group
from parity_harness.model.divergence import Divergence, Kind, Severity

ROUTES = [f"/r{number}" for number in range(12)]


def _found(
    kind: Kind,
    path: str,
    baseline: str = "1",
    candidate: str = "2",
    *,
    route: str = "/jobs",
    method: str = "GET",
    purpose: str = "happy path",
    statuses: tuple[int, int] = (200, 200),
    trap: str | None = None,
) -> Divergence:
    return Divergence(
        kind, Severity.MAJOR, method, route, path, baseline, candidate, purpose, trap,
        statuses=statuses,
    )  # fmt: skip


def _causes(divergences: Sequence[Divergence]) -> set[str]:
    return {each.cause for each in group(divergences)}


def test_an_error_page_of_another_type_on_all_routes_is_one_cause() -> None:
    pages = [
        _found(Kind.MEDIA_TYPE, "header:content-type", "text/html", "application/json",
               route=route, purpose="unknown id", statuses=(404, 404))
        for route in ROUTES
    ]  # fmt: skip

    assert _causes(pages) == {"media type of 404 answers"}


def test_what_a_write_left_in_two_states_is_one_cause_with_what_it_shows_in() -> None:
    stored = _found(Kind.STATE, "state:/files/body:", "4 items", "3 items",
                    method="POST", route="/files", purpose="valid")  # fmt: skip
    gone = _found(Kind.STATUS, "status", "200", "404", route="/files/{name}", statuses=(200, 404))
    named = _found(Kind.HEADER_VALUE, "header:location/target", "/a", "/b",
                   method="POST", route="/files", purpose="valid")  # fmt: skip

    assert len(_causes([stored, replace(gone, follows=stored.fingerprint), named])) == 1
    assert len(_causes([stored, gone])) == 2
    assert len(_causes([replace(gone, follows="reported by nobody")])) == 1


def test_the_headers_of_cors_come_and_go_together() -> None:
    lost = [
        _found(Kind.HEADER_MISSING, f"header:{name}", value, "(missing)", purpose="preflight")
        for name, value in (
            ("access-control-allow-origin", "https://app"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        )
    ]
    other = _found(Kind.HEADER_MISSING, "header:vary", "Accept", "(missing)", route="/words")
    changed = _found(Kind.HEADER_VALUE, "header:access-control-max-age", "600", "60")

    assert len(_causes(lost)) == 1
    assert len(_causes([*lost, other, changed])) == 3


def test_a_key_renamed_in_three_answers_is_one_cause() -> None:
    places = [("/jobs", "body:/*"), ("/jobs/{id}", "body:"), ("/jobs/{id}/cancel", "body:")]
    found = [
        each
        for route, parent in places
        for each in (
            _found(Kind.KEY_MISSING, f"{parent}/jobId", "7", "(missing)", route=route),
            _found(Kind.KEY_EXTRA, f"{parent}/id", "(missing)", "7", route=route),
        )
    ]

    assert _causes(found) == {"key jobId is missing"}


def test_a_date_written_another_way_is_one_cause_in_answer_and_state() -> None:
    iso, http = '"2026-05-04T12:00:00Z"', '"Mon, 04 May 2026 12:00:00 GMT"'
    found = [
        _found(Kind.VALUE, "body:/createdAt", iso, http, method="POST"),
        _found(Kind.STATE, "body:/*/createdAt", iso, http, purpose="after POST /jobs"),
    ]

    assert _causes(found) == {"createdAt: iso8601:YYYY-MM-DDThh:mm:ssZ → http-date"}


def test_a_state_is_named_by_the_read_that_shows_it() -> None:
    found = [
        _found(
            Kind.STATE, "state:/jobs/body:", "3 items", "2 items", method="POST", purpose=purpose
        )
        for purpose in ("name: null", "name: zero")
    ]
    other = _found(Kind.STATE, "state:/stats/body:/total", "3", "2", method="POST")

    assert _causes([*found, other]) == {"state of /jobs", "state of total"}


def test_a_state_follows_from_the_status_of_its_write() -> None:
    found = [
        _found(Kind.STATUS, "status", "201", "422", method="POST", statuses=(201, 422)),
        _found(Kind.STATE, "state:/jobs/body:", "3 items", "2 items", method="POST"),
    ]

    assert _causes(found) == {"status 201 → 422"}


def test_what_else_an_answer_shows_follows_from_its_status() -> None:
    found = [
        _found(Kind.STATUS, "status", "404", "422", statuses=(404, 422)),
        _found(Kind.MEDIA_TYPE, "header:content-type", "text/html", "application/json"),
        _found(Kind.HEADER_MISSING, "header:allow"),
        _found(Kind.HEADER_MISSING, "header:x-frame-options"),
    ]

    grouped = group(found)

    assert [each.cause for each in grouped] == [
        "status 404 → 422",
        "status 404 → 422",
        "status 404 → 422",
        "header x-frame-options is missing",
    ]


def test_a_trap_is_its_own_cause_beside_another_status() -> None:
    found = [
        _found(Kind.STATUS, "status", "404", "422", statuses=(404, 422)),
        _found(Kind.MEDIA_TYPE, "header:content-type", "a", "b", trap="FF05"),
    ]

    assert _causes(found) == {"status 404 → 422", "FF05"}


def test_a_body_follows_from_its_media_type() -> None:
    found = [
        _found(Kind.BYTES, "body:", "<p>", "{}"),
        _found(Kind.MEDIA_TYPE, "header:content-type", "text/html", "application/json"),
    ]

    assert _causes(found) == {"media type of /jobs"}


def test_a_status_of_an_error_is_one_cause_over_routes_and_probes() -> None:
    found = [
        _found(Kind.STATUS, "status", "404", "422", route=route, purpose=purpose,
               statuses=(404, 422))
        for route, purpose in [("/a", "id abc"), ("/a", "id 1.0"), ("/b", "id 1.0")]
    ]  # fmt: skip

    assert _causes(found) == {"status 404 → 422"}


def test_a_status_of_a_success_is_a_cause_route_by_route() -> None:
    found = [
        _found(Kind.STATUS, "status", "201", "200", route=route, method="POST",
               statuses=(201, 200))
        for route in ("/a", "/b")
    ]  # fmt: skip

    assert _causes(found) == {"status 201 → 200", "status 201 → 200 for POST /b"}


def test_a_crash_is_a_cause_route_by_route_and_a_refusal_is_not() -> None:
    def found(candidate: int, method: str) -> list[Divergence]:
        return [
            _found(Kind.STATUS, "status", "200", str(candidate), route=route, method=method,
                   purpose=method, statuses=(200, candidate))
            for route in ("/a", "/b")
        ]  # fmt: skip

    assert len(_causes(found(500, "GET"))) == 2
    assert _causes(found(405, "HEAD") + found(405, "OPTIONS")) == {
        "status 200 → 405",
        "status 200 → 405 for OPTIONS",
    }


def test_a_trap_is_a_cause_wherever_it_shows() -> None:
    found = [
        _found(Kind.STATUS, "status", "200", "405", method="HEAD", trap="FF02", route=route,
               statuses=(200, 405))
        for route in ROUTES
    ]  # fmt: skip
    other = _found(Kind.STATUS, "status", "404", "200", route="/docs", statuses=(404, 200))

    assert _causes([*found, other]) == {"FF02", "status 404 → 200"}


def test_different_changes_are_different_causes() -> None:
    found = [
        _found(Kind.VALUE, "body:/a"),
        _found(Kind.VALUE, "body:/b"),
        _found(Kind.TYPE, "body:/a", "1", '"1"'),
        _found(Kind.ORDER, "body:/a", "[1, 2]", "[2, 1]"),
        _found(Kind.VALUE, "body:", '"x', "cut …"),
        _found(Kind.LENGTH, "body:"),
        _found(Kind.LENGTH, "body:", route="/other"),
        _found(Kind.HEADER_VALUE, "header:vary"),
        _found(Kind.HEADER_EXTRA, "header:vary"),
        _found(Kind.ROUTE_MISSING, "route", route="/gone"),
        _found(Kind.CHUNKS, "body:"),
        _found(Kind.REASON, "reason"),
        _found(Kind.LATENCY, "latency"),
        _found(Kind.IDENTITY, "body:/id"),
        _found(Kind.EFFECT, "effect:process"),
        _found(Kind.BYTES, "body:"),
        _found(Kind.FAILURE, "status", statuses=(200, 0)),
    ]
    found[-1] = replace(found[-1], purpose="elsewhere")

    assert len(_causes(found)) == len(found)


def test_each_fingerprint_is_told_once_and_order_changes_nothing() -> None:
    one = _found(Kind.VALUE, "body:/a")
    two = _found(Kind.VALUE, "body:/*/a", route="/other")
    three = _found(Kind.HEADER_MISSING, "header:vary")

    assert len(group([one, replace(one, baseline="9"), one])) == 1
    for order in permutations([one, two, three]):
        grouped = group(order)
        assert [replace(each, cause="") for each in grouped] == list(order)
        assert {each.cause for each in grouped} == {
            "a: another integer",
            "header vary is missing",
        }
