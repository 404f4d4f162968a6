"""Divergences held against decisions."""

from __future__ import annotations

from datetime import date

import pytest

from parity_harness.compare.judge import judge, matches
from parity_harness.model.decision import Decision, Disposition, Selector
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.verdict import Verdict

TODAY = date(2026, 5, 4)
PAGE = Divergence(
    Kind.MEDIA_TYPE, Severity.MINOR, "GET", "/jobs/{id}", "header:content-type", "a", "b",
    purpose="unknown id", trap="FF05",
)  # fmt: skip


def _decision(
    disposition: Disposition = Disposition.ACCEPT, expires: date = TODAY, **selector: str
) -> Decision:
    return Decision(Selector(**selector), disposition, "because", "me", expires)


def test_nothing_found_and_nothing_decided_is_kept() -> None:
    assert judge((), (), TODAY).verdict is Verdict.KEPT


def test_an_open_divergence_breaks_the_contract() -> None:
    judgement = judge((PAGE,), (), TODAY)

    assert judgement.open == (PAGE,)
    assert judgement.verdict is Verdict.BROKEN


@pytest.mark.parametrize("disposition", [Disposition.ACCEPT, Disposition.FIX])
def test_a_decision_silences_until_the_end_of_its_day(disposition: Disposition) -> None:
    decision = _decision(disposition, trap="FF05")

    assert judge((PAGE, PAGE), (decision,), TODAY).verdict is Verdict.KEPT_WITH_DECISIONS
    late = judge((PAGE,), (decision,), date(2026, 5, 5))
    assert (late.open, late.expired, late.stale) == ((PAGE,), (decision,), ())
    assert late.verdict is Verdict.BROKEN


def test_to_preserve_silences_nothing_and_is_never_stale() -> None:
    preserve = _decision(Disposition.PRESERVE, trap="FF05")

    assert judge((PAGE,), (_decision(trap="FF05"), preserve), TODAY).open == (PAGE,)
    assert judge((), (preserve,), TODAY).verdict is Verdict.KEPT


def test_a_decision_that_matches_nothing_is_stale_if_all_was_asked() -> None:
    decision = _decision(trap="FF01")

    assert judge((), (decision,), TODAY).stale == (decision,)
    assert judge((), (decision,), TODAY, complete=False).stale == ()


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"trap": "FF05"}, True),
        ({"trap": "FF0*", "method": "GET"}, True),
        ({"route": "/jobs/{id}"}, True),
        ({"route": "/jobs/*"}, True),
        ({"route": "/jobs"}, False),
        ({"path": "header:*", "kind": "media-type"}, True),
        ({"purpose": "unknown*", "route": "/other"}, False),
        ({"fingerprint": PAGE.fingerprint}, True),
    ],
)
def test_all_set_fields_must_match(selector: dict[str, str], expected: object) -> None:
    assert matches(Selector(**selector), PAGE) is expected


def test_a_trap_pattern_does_not_match_what_has_no_trap() -> None:
    plain = Divergence(Kind.STATUS, Severity.CRITICAL, "GET", "/", "status", "200", "404")

    assert not matches(Selector(trap="*"), plain)
