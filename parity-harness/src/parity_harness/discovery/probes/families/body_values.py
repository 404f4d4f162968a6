"""What is put into JSON bodies: documents that are none, labels, one value of each type."""

from __future__ import annotations

from parity_harness.discovery.probes.drafts import URLENCODED
from parity_harness.discovery.probes.examples import sized
from parity_harness.discovery.probes.limits import LONG, WIDE
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL

RAW: tuple[tuple[int, str, bytes], ...] = (
    (LIKELY, "empty", b""),
    (LIKELY, "malformed", b'{"a": '),
    (USUAL, "array", b"[]"),
    (USUAL, "empty object", b"{}"),
    (USUAL, "string", b'"alpha"'),
    (USUAL, "number", b"7"),
    (USUAL, "null", b"null"),
    (LATER, "true", b"true"),
    (USUAL, "not UTF-8", b'{"a": "\xff\xfe"}'),
    (LATER, "single quotes", b"{'a': 1}"),
    (LATER, "byte order mark", b'\xef\xbb\xbf{"a": 1}'),
    (LATER, "trailing comma", b'{"a": 1,}'),
    (LATER, "two documents", b"{} {}"),
    (ODD, "UTF-16", '{"a": 1}'.encode("utf-16")),
    (ODD, "lone surrogate", b'{"a": "\\ud800"}'),
    (ODD, "deeply nested", b'{"a": ' * 60 + b"1" + b"}" * 60),
    (ODD, "huge number", b'{"a": 1e999}'),
    (LATER, "whole float", b"1.0"),
    (LATER, "big integer", b"12345678901234567890123"),
    (LATER, "numbers", b'{"a": 1.0, "b": 12345678901234567890123, "c": 1E2, "d": -0.0}'),
    (LATER, "doubled key", b'{"a": 1, "a": 2}'),
)

MEDIA: tuple[tuple[int, str, str | None], ...] = (
    (LIKELY, "missing", None),
    (LIKELY, "text", "text/plain"),
    (USUAL, "form", URLENCODED),
    (USUAL, "vendor", "application/vnd.api+json"),
    (USUAL, "with charset", "application/json; charset=utf-8"),
    (LATER, "latin-1", "application/json; charset=iso-8859-1"),
    (LATER, "in capitals", "Application/JSON"),
    (ODD, "nonsense", "nonsense"),
    (ODD, "empty", ""),
)

WRONG: tuple[tuple[str, object], ...] = (
    ("empty string", ""),
    ("string", "alpha"),
    ("numeric string", "3"),
    ("integer", 7),
    ("zero", 0),
    ("negative", -1),
    ("whole float", 2.0),
    ("fraction", 2.5),
    ("boolean", True),
    ("true as text", "true"),
    ("half a cent", 0.125),
    ("half a cent as text", "0.125"),
    ("large", 1_000_000),
    ("list", []),
    ("object", {}),
)
"""One of each JSON type, and what pydantic turns one into another."""

LADDER = (1, 2, 3, 4, 5, 6, 9, 10, 11, 99, 100, 101)
"""Integers around usual limits that the source does not show."""

TEXTS: tuple[tuple[str, object], ...] = (
    ("spaces around", "  alpha  "),
    ("only spaces", "   "),
    ("unicode", "été 日本 😀 e\u0301 Straße"),
    ("control characters", "a\tb\nc\u0000"),
    ("markup", "<b>&amp;</b>"),
    (LONG, sized(10_000)),
    *WIDE.items(),
)

DATES = (
    "2024-05-17T10:30:00Z",
    "2024-05-17T10:30:00.123456+02:00",
    "2024-05-17 10:30:00",
    "17.05.2024",
    "2024-13-45",
)
