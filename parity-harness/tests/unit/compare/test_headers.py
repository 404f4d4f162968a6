"""Headers by what they mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parity_harness.compare.headers import meaning
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Exchange, Headers

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("allow", ["GET, HEAD, OPTIONS"], ["OPTIONS", "head,GET"]),
        ("vary", ["Accept, Cookie"], ["cookie", "accept"]),
        ("content-type", ["text/html; charset=UTF-8"], ['TEXT/HTML;charset="utf-8"']),
        ("content-type", ["multipart/form-data; boundary=a"], ["multipart/form-data; boundary=b"]),
        ("cache-control", ["no-cache, max-age=0"], ["max-age=0,no-cache"]),
        ("cache-control", ['private="a, b"'], ["private='a, b'".replace("'", '"')]),
        ("content-disposition", ["attachment; filename=a.txt"], ['attachment; filename="a.txt"']),
        (
            "content-disposition",
            ["attachment; filename*=UTF-8''n%C3%A4h.txt"],
            ['attachment; filename="n?h.txt"; filename*=utf-8\'\'n%c3%a4h.txt'],
        ),
        (
            "set-cookie",
            ["a=b; Path=/; HttpOnly; SameSite=Lax"],
            ["a=b; httponly; samesite=lax; path=/"],
        ),
        ("set-cookie", ["a=1", "b=2"], ["b=2", "a=1"]),
        ("link", ['<a>; rel="next", <b>; rel=prev'], ["<b>; rel=prev", "<a>; rel=next"]),
        ("www-authenticate", ['Basic realm="x"'], ["basic realm=x"]),
        ("www-authenticate", ["Bearer"], ["bearer"]),
        ("expires", ["Thu, 01 Jan 1970 00:00:00 GMT"], ["Thu, 1 Jan 1970 00:00:00 -0000"]),
        ("expires", ["Thu, 01 Jan 1970 00:00:00 GMT"], ["Thu, 01 Jan 1970 01:00:00 +0100"]),
        ("expires", ["0"], [" 0"]),
        ("content-type", [""], [" "]),
        ("x-anything", [" a , b"], ["a , b"]),
    ],
)  # fmt: skip
def test_two_spellings_of_one_meaning_are_equal(name: str, one: list[str], two: list[str]) -> None:
    assert meaning(name, one) == meaning(name, two)


@pytest.mark.parametrize(
    ("name", "one", "two", "path"),
    [
        ("Allow", "GET, HEAD", "GET", "header:allow"),
        ("ETag", 'W/"a"', '"a"', "header:etag/weak"),
        ("ETag", '"a"', '"b"', "header:etag/tag"),
        ("Cache-Control", "max-age=60", "max-age=600", "header:cache-control/max-age"),
        ("Set-Cookie", "s=1; HttpOnly", "s=1", "header:set-cookie/s/httponly"),
        ("Set-Cookie", "s=1; Path=/", "s=1; Path=/app", "header:set-cookie/s/path"),
        ("Set-Cookie", "s=1; Max-Age=5", "s=1; Max-Age=6", "header:set-cookie/s/max-age"),
        ("Location", "/jobs/1", "http://app/jobs/1", "header:location/origin"),
        ("Location", "/jobs/1", "/jobs/2", "header:location/target"),
        ("Link", "<a>; rel=next", "<b>; rel=next", "header:link/next/target"),
        ("WWW-Authenticate", "Basic realm=a", "Basic realm=b", "header:www-authenticate/*/realm"),
        ("Content-Disposition", "inline", "attachment", "header:content-disposition/type"),
        ("X-Request-Count", "1", "2", "header:x-request-count"),
    ],
)
def test_a_difference_in_meaning_says_which_part(
    answer: Answering, differ: Comparing, name: str, one: str, two: str, path: str
) -> None:
    (divergence,) = differ(answer({}, headers=((name, one),)), answer({}, headers=((name, two),)))

    assert (divergence.kind, divergence.path) == (Kind.HEADER_VALUE, path)


def test_challenges_keep_their_order_and_parameters() -> None:
    assert meaning("www-authenticate", ['Digest realm="a, b", nonce=x, Basic realm=c']) == [
        {"scheme": "digest", "realm": "a, b", "nonce": "x"},
        {"scheme": "basic", "realm": "c"},
    ]


@pytest.mark.parametrize("text", ["," * 60_000, '"' * 60_001, 'a="' * 20_000, ";=" * 30_000])
@pytest.mark.parametrize(
    "name",
    ["allow", "cache-control", "content-disposition", "content-type", "link", "set-cookie",
     "www-authenticate", "location", "etag"],
)  # fmt: skip
@pytest.mark.timeout(10)
def test_no_header_takes_long(name: str, text: str) -> None:
    assert meaning(name, [text]) == meaning(name, [text])


def test_a_cookie_set_twice_keeps_both() -> None:
    assert meaning("set-cookie", ["a=1", "a=2"]) == {"a": [{"value": "1"}, {"value": "2"}]}


def test_missing_and_extra_headers_are_told_whatever_their_case(
    answer: Answering, differ: Comparing
) -> None:
    found = differ(
        answer({}, headers=(("X-Old", "1"), ("X-Same", "1"))),
        answer({}, headers=(("x-same", "1"), ("x-new", "2"))),
    )

    assert [(each.kind, each.path) for each in found] == [
        (Kind.HEADER_EXTRA, "header:x-new"),
        (Kind.HEADER_MISSING, "header:x-old"),
    ]


def test_what_belongs_to_the_server_is_not_compared(answer: Answering, differ: Comparing) -> None:
    headers = (("Date", "x"), ("Server", "Werkzeug"), ("Transfer-Encoding", "chunked"))

    assert differ(answer({}, headers=headers), answer({})) == ()


@pytest.mark.parametrize(
    ("header", "severity"),
    [("Set-Cookie", Severity.MAJOR), ("X-Powered-By", Severity.MINOR)],
)
def test_headers_that_clients_act_on_weigh_more(
    answer: Answering, differ: Comparing, header: str, severity: Severity
) -> None:
    (divergence,) = differ(answer({}, headers=((header, "a=b"),)), answer({}))

    assert divergence.severity is severity


def _length(value: int) -> Headers:
    return (("Content-Length", str(value)),)


def test_a_content_length_is_held_against_its_own_body(
    answer: Answering, differ: Comparing
) -> None:
    honest = answer(body=b'{"a": 1}', headers=_length(8))

    assert differ(honest, answer(body=b'{"a":1}', headers=_length(7))) == ()
    (divergence,) = differ(honest, answer(body=b'{"a":1}', headers=_length(9)))
    assert divergence.path == "header:content-length"
    assert divergence.candidate == "9, with a body of 7 bytes"


def test_head_tells_the_length_of_what_is_not_json(answer: Answering, differ: Comparing) -> None:
    file = {"request": "HEAD /file", "media_type": "text/csv", "body": b""}
    data = {"request": "HEAD /jobs", "body": b""}

    assert differ(answer(**file, headers=_length(5)), answer(**file, headers=_length(6)))
    assert not differ(answer(**data, headers=_length(5)), answer(**data, headers=_length(6)))
    page = answer(**(file | {"media_type": "text/html"}), headers=_length(6))
    assert [each.kind for each in differ(answer(**file, headers=_length(5)), page)] == [
        Kind.MEDIA_TYPE
    ]
    assert not differ(
        answer(status=304, body=b"", headers=_length(5)),
        answer(status=304, body=b"", headers=_length(6)),
    )
