from __future__ import annotations

import pytest

from parity_harness.model.exchange import Probe, Response
from parity_harness.runner.asking.templates import NothingCapturedError, at_pointer, capture, fill

ANSWER = Response(
    201,
    (("Location", "/rows/7"), ("Set-Cookie", "sid=a=b; Path=/"), ("ETag", '"x"')),
    b'{"id": 7, "name": "a/b", "tags": ["x", null], "k~/": true}',
)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/id", "7"),
        ("/name", "a/b"),
        ("/tags/0", "x"),
        ("/k~0~1", "true"),
        ("header:location", "/rows/7"),
        ("cookie:sid", "a=b"),
    ],
)
def test_a_value_is_captured_from_where_it_stands(place: str, value: str) -> None:
    assert capture(ANSWER, place) == value


@pytest.mark.parametrize(
    "place", ["/missing", "/tags/9", "/tags/x", "/tags/1", "/id/below", "header:x", "cookie:x"]
)
def test_nothing_there_is_said(place: str) -> None:
    with pytest.raises(NothingCapturedError, match=f"nothing at '{place}'"):
        capture(ANSWER, place)


def test_a_body_that_is_no_json_has_nothing_anywhere() -> None:
    with pytest.raises(NothingCapturedError):
        at_pointer(b"<html>", "/id")


def test_placeholders_are_filled_in_everywhere() -> None:
    probe = Probe(
        "PUT", "/rows/{{id}}?q={{ id }}", (("If-Match", "{{tag}}"),), b'{"name": "{{name}}"}'
    )
    filled = fill(probe, {"id": "a/b", "tag": '"x"', "name": "é"})

    assert filled.target == "/rows/a%2Fb?q=a%2Fb"
    assert filled.headers == (("If-Match", '"x"'),)
    assert filled.body == '{"name": "é"}'.encode()


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/rows/7?a=1", "/rows/7?a=1"),
        ("http://localhost/rows/7?a=1", "/rows/7?a=1"),
        ("https://localhost", "/"),
    ],
)
def test_a_captured_url_is_followed_as_it_is(location: str, target: str) -> None:
    assert fill(Probe("GET", "{{to}}"), {"to": location}).target == target


def test_a_placeholder_without_a_value_is_said() -> None:
    with pytest.raises(NothingCapturedError, match="no earlier answer gave 'id'"):
        fill(Probe("GET", "/rows/{{id}}"), {})


def test_other_probes_stay_the_same_object() -> None:
    probe = Probe("GET", "/rows", body=b"{ }")

    assert fill(probe, {"id": "1"}) is probe
