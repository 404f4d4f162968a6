"""JSON as it was sent."""

from __future__ import annotations

import pytest

from parity_harness.compare.json_tokens import Literal, Repeated, parse, plain, type_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1", "integer"),
        ("1.0", "float"),
        ("true", "boolean"),
        ("null", "null"),
        ('"1"', "string"),
        ("[]", "array"),
        ("{}", "object"),
        ("NaN", "number literal"),
        ('{"a":1,"a":2}', "object with a repeated key"),
    ],
)
def test_each_token_type_has_its_own_name(text: str, name: str) -> None:
    assert type_name(parse(text)) == name


def test_integers_of_any_length_are_exact() -> None:
    assert parse("9007199254740993") == 9007199254740993
    assert parse("1" * 5000) == Literal("1" * 5000)


def test_a_repeated_key_keeps_every_value() -> None:
    assert parse('{"a":1,"a":2}') == Repeated((("a", 1), ("a", 2)))
    assert plain(parse('[{"a":NaN,"a":2}]')) == [{"a": "NaN", "a (repeated)": 2}]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"<html>", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(body)
