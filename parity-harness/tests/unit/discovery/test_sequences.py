"""Scenarios inferred from the shop: they are run on it, with captures filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

import pytest
from flask import Flask

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation, Route
from parity_harness.discovery.probes import make
from parity_harness.discovery.sequences import infer
from parity_harness.discovery.shapes import Parameter, Place, Shape
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Exchange, Probe, Response

Ask = Callable[[Flask, Probe], Response]
See = Callable[[Iterable[Probe]], Seen]
Run = Callable[[str], list[tuple[str, str, int]]]
"""Runs a scenario by name; returns method, target and status of each step."""


@pytest.fixture
def scenarios(matched: Matched, see: See) -> dict[str, Scenario]:
    return {each.name: each for each in infer(matched, see(make(matched, seed=0)))}


@pytest.fixture
def run(scenarios: dict[str, Scenario], make_shop: Callable[[], Flask], ask: Ask) -> Run:
    def performed(name: str) -> list[tuple[str, str, int]]:
        app, values, done = make_shop(), dict[str, str](), []
        for step in scenarios[name].steps:
            probe = _filled(step.probe, values)
            response = ask(app, probe)
            values |= {name: _captured(response, place) for name, place in step.captures.items()}
            done.append((probe.method, probe.target, response.status))
        return done

    return performed


def test_a_resource_is_created_read_changed_acted_on_and_deleted(run: Run) -> None:
    steps = run("life of /items/{item_id}")

    assert steps[:4] == [
        ("GET", "/items", 200),
        ("POST", "/items", 201),
        ("GET", "/items/8", 200),
        ("GET", "/items", 200),
    ]
    assert ("PUT", "/items/8", 200) in steps
    assert ("POST", "/items/8/close", 200) in steps
    assert steps.count(("DELETE", "/items/8", 204)) == 1
    assert steps.count(("DELETE", "/items/8", 404)) == 1
    assert steps[-1] == ("PUT", "/items/8", 404)


def test_a_number_that_became_free_is_looked_at(run: Run) -> None:
    assert run("DELETE /items/{item_id} on a fresh one")[-2:] == [
        ("POST", "/items", 201),
        ("GET", "/items/8", 200),
    ]


def test_what_may_poison_the_state_has_a_fresh_one(scenarios: dict[str, Scenario]) -> None:
    poison, *reads = scenarios["NaN in POST /items"].steps
    odd = [step.probe.body for step in scenarios["odd numbers in POST /items"].steps]

    assert poison.probe.body == b'{"title": NaN}'
    assert b'{"title": 1, "title": "alpha"}' in odd
    assert [step.probe.target for step in reads] == ["/items", "/me"]


def test_what_exists_is_removed_from_a_fresh_state(run: Run) -> None:
    assert run("removal of the usual one at /items/{item_id}") == [
        ("GET", "/items", 200),
        ("GET", "/items/7", 200),
        ("DELETE", "/items/7", 204),
        ("GET", "/items", 200),
        ("GET", "/items/7", 404),
        ("DELETE", "/items/7", 404),
    ]


def test_amounts_that_were_shown_are_asked_for() -> None:
    body = Shape("object", (("count", Shape("integer")), ("name", Shape("string"))))
    matched = _matched(
        Route("/buy", (Operation("POST", body=body),)), Route("/stock", (Operation("GET"),))
    )
    shown = Response(200, (("Content-Type", "application/json"),), b'{"left": 12, "price": "7.50"}')
    seen = [(Exchange(Probe("GET", "/stock", route="/stock", purpose="valid request"), shown),) * 2]

    steps = {each.name: each.steps for each in infer(matched, seen)}["amounts in POST /buy, count"]

    assert [json.loads(step.probe.body)["count"] for step in steps[:2]] == [12, 7.5]
    assert [step.probe.target for step in steps] == ["/buy", "/buy", "/stock"]


def test_many_changes_of_one_resource_are_each_read_back(run: Run) -> None:
    steps = run("changes by PUT /items/{item_id}")

    assert len(steps) > 20
    assert [method for method, *_ in steps[1:]] == ["PUT", "GET"] * ((len(steps) - 1) // 2)
    assert {200, 400, 415} <= {status for method, _, status in steps if method == "PUT"}


def test_each_action_meets_a_fresh_resource(run: Run) -> None:
    assert run("POST /items/{item_id}/close on a fresh one") == [
        ("POST", "/items", 201),
        ("POST", "/items/8/close", 200),
        ("GET", "/items/8", 200),
        ("GET", "/items", 200),
    ]


def test_a_cookie_opens_what_follows(scenarios: dict[str, Scenario], run: Run) -> None:
    first, *visits = scenarios["session from POST /login"].steps
    reads = [step.probe for step in visits if step.probe.purpose == "read /me in the session"]

    assert first.captures == {"cookie1": "cookie:sid"}
    assert [dict(each.headers)["Cookie"] for each in reads] == ["sid={{cookie1}}"]
    assert ("GET", "/me", 200) in run("session from POST /login")
    assert visits[-1].probe.purpose == "read /me after leaving"


def test_two_people_are_signed_in_side_by_side(scenarios: dict[str, Scenario]) -> None:
    steps = {each.probe.purpose: each for each in scenarios["session from POST /login"].steps}
    cookies = {name: dict(each.probe.headers).get("Cookie") for name, each in steps.items()}

    assert steps["open another session"].probe.body == b"name=beta"
    assert steps["open another session"].captures == {"cookie1b": "cookie:sid"}
    assert cookies["read /me as the other"] == "sid={{cookie1b}}"
    assert cookies["read /me as the first again"] == "sid={{cookie1}}"
    assert cookies["read /me, another cookie before"] == "sid=other; sid={{cookie1}}"
    assert cookies["read /me, another cookie after"] == "sid={{cookie1}}; sid=other"


def test_a_token_is_carried_as_bearer(scenarios: dict[str, Scenario]) -> None:
    first, visit, *_ = scenarios["session from POST /token"].steps

    assert first.captures == {"token": "/access_token"}
    assert dict(visit.probe.headers)["Authorization"] == "Bearer {{token}}"


def test_a_redirect_is_followed(run: Run) -> None:
    assert run("Location of POST /login") == [("POST", "/login", 302), ("GET", "/me", 200)]


def test_lists_are_filled_before_they_are_paged(run: Run) -> None:
    steps = run("pages of /items")

    assert [status for method, _, status in steps if method == "POST"] == [201] * 22
    assert ("GET", "/items?limit=1000", 200) in steps


def test_added_rows_differ_so_that_their_order_shows(scenarios: dict[str, Scenario]) -> None:
    steps = scenarios["pages of /items"].steps
    titles = [json.loads(step.probe.body)["title"] for step in steps if step.probe.body]

    assert len(set(titles)) == 22
    assert titles != sorted(titles)


def test_validators_are_captured_and_sent_back_to_what_was_read() -> None:
    read, change = Operation("GET"), Operation("PUT", body=Shape("object", (("a", Shape()),)))
    answer = Response(200, (("ETag", '"v1"'), ("Last-Modified", "x")), b"{}")
    probe = Probe("GET", "/a/7", route="/a/{id}")
    matched = _matched(Route("/a/{id}", (read, change)))

    found = {each.name: each for each in infer(matched, [(Exchange(probe, answer),) * 2])}
    by_tag, by_date = found["ETag of /a/{id}"], found["Last-Modified of /a/{id}"]
    sent = [
        (each.probe.method, each.probe.target, dict(each.probe.headers)) for each in by_tag.steps
    ]

    assert by_tag.steps[0].captures == {"ETag": "header:ETag"}
    assert ("GET", "/a/7", {"If-None-Match": "{{ETag}}"}) in sent
    json_type = {"Content-Type": "application/json"}
    assert ("PUT", "/a/7", json_type | {"If-Match": "{{ETag}}"}) in sent
    assert ("PUT", "/a/7", json_type | {"If-Match": '"other"'}) in sent
    assert dict(by_date.steps[1].probe.headers) == {"If-Modified-Since": "{{LastModified}}"}


def test_an_id_that_only_location_shows_stands_for_the_start_of_the_target() -> None:
    create, read = Operation("POST", body=Shape("object", (("a", Shape()),))), Operation("GET")
    matched = _matched(
        Route("/a", (create,)), Route("/a/{key}", (read,)), Route("/a/{key}/b", (read,))
    )
    made = Probe("POST", "/a", route="/a", body=b'{"a": "alpha"}')
    answer = Response(201, (("Location", "/a/x9"),))
    scenarios = {each.name: each for each in infer(matched, [(Exchange(made, answer),) * 2])}

    targets = [step.probe.target for step in scenarios["life of /a/{key}"].steps]

    assert targets[:3] == ["/a", "{{id1}}", "{{id1}}/b"]


def test_telling_files_are_uploaded_under_names_of_their_own_and_read_back() -> None:
    upload = Operation("POST", parameters=(Parameter("doc", Place.FILE),), answers=("name",))
    matched = _matched(Route("/files", (upload,)), Route("/files/{name}", (Operation("GET"),)))

    scenarios = {each.name: each for each in infer(matched)}
    steps = [step.probe for step in scenarios["uploads of /files/{name}"].steps]

    assert [each.method for each in steps] == ["POST", "GET"] * 5
    assert b'filename="parity-lines.txt"' in steps[0].body
    assert b"\r\n\r\na\nb\r\nc\rd\n\r\n" in steps[0].body
    assert bytes(range(256)) in steps[2].body


def test_ids_of_ids_are_produced_first() -> None:
    create, read = Operation("POST", answers=("id",)), Operation("GET")
    matched = _matched(
        Route("/users", (create,)),
        Route("/users/{user_id}/posts", (create,)),
        Route("/users/{user_id}/posts/{post_id}", (read,)),
    )

    scenarios = {each.name: each for each in infer(matched)}
    steps = scenarios["life of /users/{user_id}/posts/{post_id}"].steps

    assert [step.probe.target for step in steps[:3]] == [
        "/users",
        "/users/{{id1}}/posts",
        "/users/{{id1}}/posts/{{id2}}",
    ]


def test_a_read_that_creates_is_a_producer_where_the_name_says_so() -> None:
    read = Operation("GET")
    matched = _matched(Route("/start", (read,)), Route("/jobs/{job_id}", (read,)))
    answer = Response(201, (("Content-Type", "application/json"),), b'{"jobId": 5}')
    probe = Probe("GET", "/start", route="/start")

    scenarios = {each.name: each for each in infer(matched, [(Exchange(probe, answer),) * 2])}

    assert scenarios["life of /jobs/{job_id}"].steps[0].captures == {"id1": "/jobId"}


def test_cursors_are_walked() -> None:
    parameters = (Parameter("cursor", Place.QUERY),)
    answer = Response(
        200, (("Content-Type", "application/json"),), b'{"items": [{"id": 1}], "next_cursor": "c2"}'
    )
    matched = _matched(Route("/a", (Operation("GET", parameters=parameters),)))
    steps = _only(matched, Probe("GET", "/a", route="/a"), answer)

    assert steps[-2].captures == {"cursor": "/next_cursor"}
    assert steps[-1].probe.target == "/a?cursor={{cursor}}"


def test_pages_by_size_and_start_are_walked() -> None:
    limit = Parameter("limit", Place.QUERY, Shape("integer", numbers=(30,)), default=10)
    parameters = (limit, Parameter("page", Place.QUERY, Shape("integer")))
    body = Shape("object", (("done", Shape("boolean")), ("kind", Shape(constants=("a", "b")))))
    create = Operation("POST", body=body)
    matched = _matched(Route("/a", (Operation("GET", parameters=parameters), create)))

    scenario = next(each for each in infer(matched) if each.name == "pages of /a")
    targets = [step.probe.target for step in scenario.steps]
    kinds = [json.loads(step.probe.body)["kind"] for step in scenario.steps if step.probe.body]

    assert targets.count("/a") == 32 + 1
    assert {"/a?limit=100", "/a?page=2", "/a?page=2&limit=4"} <= set(targets)
    assert kinds[:3] == ["a", "b", "a"]


def test_nothing_is_inferred_from_nothing() -> None:
    assert infer(Matched()) == ()


def _only(matched: Matched, probe: Probe, answer: Response) -> tuple[Step, ...]:
    (scenario,) = infer(matched, [(Exchange(probe, answer),) * 2])
    return scenario.steps


def _matched(*routes: Route) -> Matched:
    return Matched(
        tuple(MatchedRoute(each.template, each, each, each.operations) for each in routes)
    )


def _filled(probe: Probe, values: dict[str, str]) -> Probe:
    def fill(text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text)

    headers = tuple((name, fill(value)) for name, value in probe.headers)
    return Probe(probe.method, fill(probe.target), headers, probe.body, probe.route, probe.purpose)


def _captured(response: Response, place: str) -> str:
    if place.startswith("header:"):
        return response.header(place.removeprefix("header:")) or ""
    if place.startswith("cookie:"):
        name = place.removeprefix("cookie:")
        (cookie,) = (c for c in response.header_values("Set-Cookie") if c.startswith(f"{name}="))
        return cookie.partition("=")[2].partition(";")[0]
    value = json.loads(response.body)
    for key in place.split("/")[1:]:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return str(value)
