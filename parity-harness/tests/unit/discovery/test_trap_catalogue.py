"""The catalogue as data, its pages, and what `explain` must not claim."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from parity_harness.compare.diff import compare
from parity_harness.compare.rules import Rules
from parity_harness.discovery.traps import CATALOGUE, Trap, explain, page, write_pages
from parity_harness.discovery.traps.explaining import UNRECOGNISED
from parity_harness.model.divergence import Divergence, Kind, Severity, Strictness
from parity_harness.model.exchange import Exchange, Headers, Probe, Response

PAGES = Path(__file__).parents[3] / "docs" / "traps"
JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def test_the_catalogue_has_no_gaps_and_says_everything() -> None:
    assert list(CATALOGUE) == [f"FF{number:02}" for number in range(1, len(CATALOGUE) + 1)]
    assert len(CATALOGUE) >= 40
    for trap in CATALOGUE.values():
        texts = [getattr(trap, each.name) for each in fields(Trap) if each.type == "str"]
        assert all(text for text in texts if text != trap.mode), trap.id
        assert trap.requests, trap.id


def test_titles_are_unique_and_short() -> None:
    titles = [trap.title for trap in CATALOGUE.values()]

    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 80


def test_the_committed_pages_are_those_of_the_catalogue(tmp_path: Path) -> None:
    written = write_pages(tmp_path)

    assert [path.name for path in written] == ["README.md", *(f"{name}.md" for name in CATALOGUE)]
    assert {path.name for path in PAGES.iterdir()} == {path.name for path in written}
    for path in written:
        assert (PAGES / path.name).read_text("utf-8") == path.read_text("utf-8"), (
            f"{path.name} is old: run `parity traps --write parity-harness/docs/traps`"
        )


def test_a_page_shows_the_cure_as_it_is_tested() -> None:
    trap = CATALOGUE["FF06"]

    blocks = re.findall(r"```python\n(.*?)\n```", page(trap), re.S)

    assert [block.strip() for block in blocks] == [
        code.strip() for code in (trap.cure, trap.baseline, trap.candidate)
    ]
    assert "GET /items/" in page(trap)


@pytest.mark.parametrize("trap", CATALOGUE.values(), ids=lambda trap: trap.id)
def test_the_code_of_a_page_compiles(trap: Trap) -> None:
    for code in (trap.baseline, trap.candidate, trap.cure):
        compile(code, trap.id, "exec")


def found(
    probe: Probe, one: Response, other: Response, strictness: Strictness = Strictness.VALUES
) -> set[str | None]:
    baseline, candidate = Exchange(probe, one), Exchange(probe, other)
    divergences = compare(baseline, candidate, Rules(), strictness)
    assert divergences
    return {explain(each, baseline, candidate) for each in divergences}


def answer(status: int, body: bytes = b"", headers: Headers = JSON) -> Response:
    return Response(status, headers, body)


def invalid(place: str, name: str, kind: str, given: str) -> Response:
    """Answer what FastAPI answers to an invalid parameter."""
    detail = [{"loc": [place, name], "type": kind, "input": given}]
    return answer(422, json.dumps({"detail": detail}).encode())


@pytest.mark.parametrize(
    ("probe", "one", "other"),
    [
        pytest.param(
            Probe("GET", "/a"), answer(200, b'{"a": 1}'), answer(200, b'{"a": 2}'), id="value"
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b"{}"),
            answer(404, b'{"detail": "Not Found"}'),
            id="lost",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b"{}"),
            answer(500, b"Internal Server Error"),
            id="crash",
        ),
        pytest.param(Probe("POST", "/a"), answer(201, b"{}"), answer(200, b"{}"), id="status"),
        pytest.param(Probe("HEAD", "/a"), answer(200), answer(404), id="head lost"),
        pytest.param(
            Probe("POST", "/a", body=b'{"n": "3"}'),
            answer(400, b"{}"),
            answer(200, b'{"n": 4}'),
            id="not coerced",
        ),
        pytest.param(
            Probe("POST", "/a", body=b'{"n": 3}'),
            answer(200, b"{}"),
            answer(422, b'{"detail": [{"loc": ["body", "n"], "type": "missing", "input": {}}]}'),
            id="stricter",
        ),
        pytest.param(
            Probe("GET", "/a?n=3"),
            answer(200, b"{}"),
            invalid("query", "n", "less_than", "3"),
            id="another limit",
        ),
        pytest.param(
            Probe("GET", "/a?x=1&x=2"),
            answer(200, b'{"n": 5}'),
            answer(200, b'{"n": 6}'),
            id="not first and last",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b'{"a": "9.90"}'),
            answer(200, b'{"a": 9.8}'),
            id="another amount",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b'{"a": "Fri, 17 May 2024 10:30:00 GMT"}'),
            answer(200, b'{"a": "2024-05-17T12:30:00"}'),
            id="another moment",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b'{"a": 1, "b": 2}'),
            answer(200, b'{"a": 1}'),
            id="key lost",
        ),
        pytest.param(
            Probe("GET", "/a"), answer(200, b"{}"), answer(200, b'{"b": 2}'), id="key with a value"
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(302, b"", (("Location", "/b"),)),
            answer(307, b"", (("Location", "/c"),)),
            id="other target",
        ),
        pytest.param(
            Probe("GET", "/a"), answer(403, b"{}"), answer(403, b'{"detail": "no"}'), id="own error"
        ),
        pytest.param(
            Probe("GET", "/x/9", route="/x/{id}", purpose="path id (int): 9"),
            answer(404, b"{}"),
            answer(200, b"{}"),
            id="unknown id found",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b"{}", (*JSON, ("X-Left", "1"))),
            answer(200, b"{}"),
            id="header lost",
        ),
        pytest.param(
            Probe("DELETE", "/a"),
            answer(405, b"{}", (*JSON, ("Allow", "GET"))),
            answer(405, b"{}", (*JSON, ("Allow", "GET, PUT"))),
            id="allows more",
        ),
    ],
)
def test_a_mistake_of_the_port_is_no_trap(probe: Probe, one: Response, other: Response) -> None:
    assert found(probe, one, other) == {None}


def test_another_header_of_an_answer_that_a_trap_explains_is_not_the_traps() -> None:
    page_405 = b"<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n"
    one = answer(405, page_405, (*HTML, ("Allow", "GET, HEAD"), ("X-Left", "1")))
    other = answer(405, b'{"detail":"Method Not Allowed"}', (*JSON, ("Allow", "GET")))

    assert found(Probe("DELETE", "/a"), one, other) == {"FF04", None}


@pytest.mark.parametrize(
    ("kind", "route", "trap"),
    [
        (Kind.ROUTE_EXTRA, "/docs", "FF24"),
        (Kind.ROUTE_EXTRA, "/api/openapi.json", "FF24"),
        (Kind.ROUTE_EXTRA, "/items", None),
        (Kind.ROUTE_MISSING, "/static/{filename}", "FF25"),
        (Kind.ROUTE_MISSING, "/items", None),
    ],
)
def test_routes_that_come_and_go(kind: Kind, route: str, trap: str | None) -> None:
    nothing = Exchange(Probe("GET", route), Response(0))
    divergence = Divergence(kind, Severity.MAJOR, "GET", route, "route", "", "")

    assert explain(divergence, nothing, nothing) == trap


@pytest.mark.parametrize(
    ("probe", "one", "other", "trap"),
    [
        pytest.param(
            Probe("POST", "/a", body=b'{"n": "3"}'),
            answer(200, b'{"n": "3"}'),
            answer(200, b'{"n": 3}'),
            "FF38",
            id="echoed number",
        ),
        pytest.param(
            Probe("GET", "/list", route="/list"),
            answer(200, b"[]"),
            invalid("path", "id", "int_parsing", "list"),
            "FF13",
            id="route order by its error",
        ),
        pytest.param(
            Probe("POST", "/a", (("Content-Type", "text/plain"),), b"{}"),
            answer(415, b"{}"),
            answer(200, b"{}"),
            "FF17",
            id="parsed whatever its type",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b'{"next": "/a?page=2"}'),
            answer(200, b'{"next": "http://test/a?page=2"}'),
            "FF71",
            id="absolute link",
        ),
        pytest.param(
            Probe("GET", "/a"),
            answer(200, b"{}", (*JSON, ("Set-Cookie", r'n="Zo\303\253"; Path=/'))),
            answer(200, b"{}", (*JSON, ("Set-Cookie", "n=Zo; Path=/"))),
            "FF50",
            id="quoted cookie",
        ),
        pytest.param(
            Probe("GET", "/a", (("Cookie", "session=eyJ1IjoxfQ.a.b"),)),
            answer(200, b"{}", (*JSON, ("Vary", "Cookie"))),
            answer(200, b"{}"),
            "FF52",
            id="vary of a session",
        ),
    ],
)
def test_other_ways_in_which_a_trap_shows(
    probe: Probe, one: Response, other: Response, trap: str
) -> None:
    assert found(probe, one, other) == {trap}


def test_what_is_never_claimed_is_in_the_catalogue() -> None:
    assert CATALOGUE.keys() > UNRECOGNISED
