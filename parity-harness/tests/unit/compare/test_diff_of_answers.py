"""Statuses, failures, text, bytes, streams and effects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parity_harness.compare.rules import NO_ROUTE
from parity_harness.model.divergence import Divergence, Kind, Severity, Strictness
from parity_harness.model.exchange import Effect, Exchange

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]


def test_an_answer_equals_itself(answer: Answering, differ: Comparing) -> None:
    one = answer({"a": [1.5, None]}, headers=(("Set-Cookie", "a=b"),))

    assert differ(one, one, strictness=Strictness.BYTES) == ()


def test_another_class_of_status_is_the_only_difference(
    answer: Answering, differ: Comparing
) -> None:
    (divergence,) = differ(
        answer({"a": 1}), answer(text="<h1>Oops</h1>", status=500), strictness=Strictness.BYTES
    )

    assert (divergence.kind, divergence.path) == (Kind.STATUS, "status")
    assert (divergence.baseline, divergence.candidate) == ("200", "500")
    assert divergence.statuses == (200, 500)
    assert divergence.severity is Severity.CRITICAL


def test_a_status_of_the_same_class_hides_nothing(answer: Answering, differ: Comparing) -> None:
    kinds = [each.kind for each in differ(answer({"a": 1}, status=201), answer({}, status=200))]

    assert kinds == [Kind.STATUS, Kind.KEY_MISSING]


def test_failing_alike_is_alike_and_failing_alone_is_not(
    answer: Answering, differ: Comparing
) -> None:
    crash = answer(status=0, body=b"", failure="ValueError: boom")
    other = answer(status=0, body=b"", failure="KeyError: 'x'")

    assert differ(crash, other) == ()
    (divergence,) = differ(answer({}), crash)
    assert (divergence.kind, divergence.candidate) == (Kind.FAILURE, "ValueError: boom")
    assert divergence.baseline == "answers 200"


def test_a_request_outside_any_route_is_told_as_such(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(answer(1, route=None), answer(2, route=None))

    assert divergence.route == NO_ROUTE


def test_pages_differ_once_where_they_begin_to(answer: Answering, differ: Comparing) -> None:
    page = "<html>\n<h1>Not Found</h1>\n<p>{}</p>\n</html>\n"
    (divergence,) = differ(
        answer(text=page.format("gone"), status=404), answer(text=page.format("away"), status=404)
    )

    assert (divergence.kind, divergence.path) == (Kind.BYTES, "body:")
    assert divergence.severity is Severity.MINOR
    assert (divergence.baseline, divergence.candidate) == ("<p>gone</p>", "<p>away</p>")


def test_pages_of_other_lengths_show_both_from_there(answer: Answering, differ: Comparing) -> None:
    long = "x" * 100
    (divergence,) = differ(answer(text=f"{long}one\ntwo"), answer(text=f"{long}another"))

    assert divergence.baseline.endswith("xxone\ntwo")
    assert divergence.baseline.startswith("…")
    assert divergence.severity is Severity.MAJOR


def test_bytes_that_are_no_text_are_told_by_digest(answer: Answering, differ: Comparing) -> None:
    png = {"media_type": "image/png"}
    (divergence,) = differ(answer(body=b"\xff\x00\x01", **png), answer(body=b"\xff\x00\x02", **png))

    assert divergence.kind is Kind.BYTES
    assert divergence.baseline.startswith("3 bytes, sha256 ")


def test_another_media_type_is_told_once(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(
        answer(text="<h1>Not Found</h1>", status=404),
        answer({"detail": "Not Found"}, status=404),
    )

    assert (divergence.kind, divergence.path) == (Kind.MEDIA_TYPE, "header:content-type")
    assert (divergence.baseline, divergence.candidate) == ("text/html", "application/json")
    assert divergence.severity is Severity.MINOR


def test_a_success_of_another_media_type_is_major(answer: Answering, differ: Comparing) -> None:
    charset = differ(answer(text="x"), answer(text="x", media_type="text/html; charset=utf-8"))
    (other,) = differ(answer(text="x"), answer("x"))

    assert [each.severity for each in charset] == [Severity.MINOR]
    assert other.severity is Severity.MAJOR


def test_bodies_are_compared_where_one_side_names_no_type(
    answer: Answering, differ: Comparing
) -> None:
    kinds = [each.kind for each in differ(answer({"a": 1}), answer({"a": 2}, media_type=""))]

    assert kinds == [Kind.HEADER_MISSING, Kind.VALUE]


def test_an_empty_body_is_another_body(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(answer({"a": 1}), answer(body=b""))

    assert (divergence.kind, divergence.candidate) == (Kind.BYTES, "(empty)")


def test_a_body_that_ends_early_is_critical(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(answer(body=b"abc"), answer(body=b"a", complete=False))

    assert (divergence.kind, divergence.severity) == (Kind.TRUNCATED, Severity.CRITICAL)
    assert divergence.candidate == "ends after 1 bytes"


def test_a_stream_that_is_gathered_first_is_told_once(answer: Answering, differ: Comparing) -> None:
    length = (("Content-Length", "6"),)
    stream = answer(body=b"abcdef", media_type="text/plain", chunks=(3, 3, 0))
    gathered = answer(body=b"abcdef", media_type="text/plain", chunks=(6,), headers=length)
    pieces = answer(body=b"abcdef", media_type="text/plain", chunks=(2, 2, 2))

    (divergence,) = differ(stream, gathered)
    assert (divergence.kind, divergence.baseline) == (Kind.CHUNKS, "a stream")
    assert divergence.candidate == "one piece"
    one_piece = answer(body=b"abcdef", media_type="text/plain", chunks=(6,))
    assert [each.kind for each in differ(one_piece, gathered)] == [Kind.HEADER_EXTRA]
    assert differ(stream, pieces) == ()


@pytest.mark.parametrize(("strictness", "told"), [(Strictness.VALUES, 0), (Strictness.BYTES, 1)])
def test_reason_phrases_count_at_bytes_only(
    answer: Answering, differ: Comparing, strictness: Strictness, told: int
) -> None:
    found = differ(
        answer({}, reason="NOT FOUND"), answer({}, reason="Not Found"), strictness=strictness
    )

    assert len(found) == told


def test_effects_are_compared_like_bodies(answer: Answering, differ: Comparing) -> None:
    one = Effect("process", {"argv": ["python", "--id", "7"]})
    two = Effect("process", {"argv": ["python", "--id", "8"]})

    (argv,) = differ(answer({}, effects=(one,)), answer({}, effects=(two,)))
    assert (argv.kind, argv.path) == (Kind.EFFECT, "effect:process/*/argv/2")
    assert argv.severity is Severity.CRITICAL
    (twice,) = differ(answer({}, effects=(one,)), answer({}, effects=(one, one)))
    assert (twice.path, twice.baseline, twice.candidate) == (
        "effect:process",
        "1 times",
        "2 times",
    )
    (never,) = differ(answer({}, effects=(one,)), answer({}))
    assert never.candidate == "(missing)"
    assert differ(answer({}, effects=(one,)), answer({}, effects=(one,))) == ()
