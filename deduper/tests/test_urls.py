"""Canonical addresses."""

from __future__ import annotations

import pytest

from deduper.urls import canonical


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://Example.com/a/b/", "https://example.com/a/b"),
        ("https://www.example.com", "https://example.com"),
        ("https://www.www.example.com/", "https://www.example.com"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://example.com/Case?Q=1", "https://example.com/Case?Q=1"),
        ("https://e.com/a?utm_source=x&id=7&UTM_Medium=y", "https://e.com/a?id=7"),
        (
            "https://e.com/?fbclid=1&gclid=2&msclkid=3&mc_cid=4&mc_eid=5&_ga=6&ref=7",
            "https://e.com",
        ),
        ("https://e.com/?reference=7", "https://e.com?reference=7"),
        ("https://e.com/a?b=&a=1", "https://e.com/a?b=&a=1"),
        ("http://e.com:80/a", "https://e.com/a"),
        ("https://e.com:8443/a", "https://e.com:8443/a"),
        ("http://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("  //e.com/a\n", "https://e.com/a"),
        ("e.com/a", "https://e.com/a"),
    ],
)
def test_spellings_of_one_address(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        " \t",
        "http://[bad",
        "https://",
        "https://e.com:port",
        "mailto:a@b.c",
        "ftp://e.com",
    ],
)
def test_what_is_no_web_address_has_no_canonical_one(url: str | None) -> None:
    assert canonical(url) is None
