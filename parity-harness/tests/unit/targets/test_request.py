from __future__ import annotations

import pytest

from parity_harness.model.exchange import Headers, Probe
from parity_harness.targets.in_process.asgi import scope_of
from parity_harness.targets.in_process.wsgi import environ_of


@pytest.mark.parametrize(
    ("target", "path_info", "path", "raw"),
    [
        ("/a%20b", "/a b", "/a b", b"/a%20b"),
        ("/caf%C3%A9", "/cafÃ©", "/café", b"/caf%C3%A9"),
        ("/%ff", "/ÿ", "/�", b"/%ff"),
        ("/a%2Fb", "/a/b", "/a/b", b"/a%2Fb"),
        ("//two//", "//two//", "//two//", b"//two//"),
        ("/%zz%", "/%zz%", "/%zz%", b"/%zz%"),
        ("http://else.where/x?q=1", "/x", "/x", b"/x"),
        ("http://else.where", "/", "/", b"/"),
    ],
)
def test_paths_are_decoded_as_servers_do(
    target: str, path_info: str, path: str, raw: bytes
) -> None:
    probe = Probe("GET", target)

    assert environ_of(probe)["PATH_INFO"] == path_info
    assert (scope_of(probe, {})["path"], scope_of(probe, {})["raw_path"]) == (path, raw)


def test_a_query_is_never_decoded() -> None:
    probe = Probe("GET", "/x?a=%20&b=ÿ?&")

    assert environ_of(probe)["QUERY_STRING"] == "a=%20&b=ÿ?&"
    assert scope_of(probe, {})["query_string"] == b"a=%20&b=\xff?&"


def test_repeated_headers_stay_apart_or_are_joined_by_commas() -> None:
    probe = Probe("GET", "/", (("X-A", "1"), ("x-a", "2"), ("Host", "other")))

    assert environ_of(probe)["HTTP_X_A"] == "1,2"
    headers = scope_of(probe, {})["headers"]
    assert headers == [(b"x-a", b"1"), (b"x-a", b"2"), (b"host", b"other")]


def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_hyphen() -> None:
    environ = environ_of(Probe("GET", "/", (("X_Forwarded_For", "evil"),)))

    assert "HTTP_X_FORWARDED_FOR" not in environ


@pytest.mark.parametrize(
    ("headers", "length"),
    [((), "5"), ((("Content-Length", "3"),), "3"), ((("Transfer-Encoding", "chunked"),), None)],
)
def test_a_body_has_a_length_unless_it_is_chunked(headers: Headers, length: str | None) -> None:
    environ = environ_of(Probe("POST", "/", headers, b"hello"))

    assert environ.get("CONTENT_LENGTH") == length
    assert environ["wsgi.input"].read() == (b"hel" if length == "3" else b"hello")


def test_both_sides_see_the_same_host() -> None:
    assert environ_of(Probe("GET", "/"))["HTTP_HOST"] == "localhost"
    assert (b"host", b"localhost") in scope_of(Probe("GET", "/"), {})["headers"]
