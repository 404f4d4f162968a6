"""The values that everything else speaks in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity_harness.model.cause import causes
from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Response
from parity_harness.model.verdict import Judgement, Verdict

ONE = Divergence(Kind.VALUE, Severity.MAJOR, "GET", "/a", "body:/x", "1", "2", cause="x")


def test_a_fingerprint_says_what_and_where_never_which_value() -> None:
    assert ONE.fingerprint == replace(ONE, baseline="9", cause="y", trap="FF01").fingerprint
    assert len(ONE.fingerprint) == 12


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, kind=Kind.TYPE),
        replace(ONE, method="POST"),
        replace(ONE, route="/b"),
        replace(ONE, path="body:/y"),
        replace(ONE, purpose="another"),
    ],
)
def test_another_place_has_another_fingerprint(other: Divergence) -> None:
    assert other.fingerprint != ONE.fingerprint


def test_causes_come_worst_first_then_widest() -> None:
    wide = [replace(ONE, route=route, cause="wide", trap="FF07") for route in ("/b", "/a", "/a")]
    bad = replace(ONE, severity=Severity.CRITICAL, cause="bad")

    found = causes([ONE, *wide, bad])

    assert [each.name for each in found] == ["bad", "wide", "x"]
    assert (found[1].routes, found[1].trap) == (("/a", "/b"), "FF07")
    assert found[0].trap is None


def test_a_divergence_without_a_cause_is_one_of_its_own() -> None:
    assert len(causes([replace(ONE, cause=""), replace(ONE, cause="", route="/b")])) == 2


def test_headers_are_found_by_any_case_and_repeated_ones_kept() -> None:
    response = Response(200, (("Set-Cookie", "a=1"), ("set-cookie", "b=2")))

    assert response.header("SET-COOKIE") == "a=1"
    assert response.header_values("Set-Cookie") == ("a=1", "b=2")
    assert response.header("x") is None


def test_anything_open_stale_or_expired_breaks_the_contract(decision: Decision) -> None:
    assert Judgement().verdict is Verdict.KEPT
    assert Judgement(decided=((ONE, decision),)).verdict is Verdict.KEPT_WITH_DECISIONS
    for judgement in (
        Judgement(open=(ONE,)),
        Judgement(stale=(decision,)),
        Judgement(expired=(decision,)),
    ):
        assert judgement.verdict is Verdict.BROKEN
