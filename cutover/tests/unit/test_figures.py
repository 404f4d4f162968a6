"""What a drill must show to be signed off, from made-up findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cutover.drill import audit, figures
from cutover.drill.audit import Audit, Repeat
from cutover.drill.findings import FaultFinding, Findings
from cutover.drill.load import Sent
from cutover.drill.report import markdown

FAILED = Sent("create", 101.0, 0.1, 503, error="upstream … reset reason: connection termination")
AUDIT = Audit({"completed": 9}, [], [], [], 9, [], [], 0)
KILLED = FaultFinding(
    name="killed",
    says="is killed with SIGKILL",
    began=100.0,
    decided=101.5,
    healed=103.0,
    gate="gate answers",
    reason="unready is 1.0, over 0.0",
    late_creates_ms=3.0,
    failed=[FAILED],
)
GOOD = Findings(
    began=90.0,
    ended=200.0,
    sent=[Sent("create", 95.0, 0.1, 201), FAILED],
    acknowledged=9,
    acknowledged_before=2,
    candidate_jobs=4,
    faults=[KILLED],
    audit=AUDIT,
    stages=[(90.0, "start", 0)],
    unexplained=[],
    as_ever=[],
    controller_kills=1,
)


def test_a_drill_that_lost_nothing_is_signed_off_and_names_what_failed_meanwhile() -> None:
    assert figures.signed_off(GOOD)

    report = markdown(GOOD, "picture.svg")
    assert "**Signed off.**" in report
    assert "| is killed with SIGKILL | create | 503: connection termination | 1 |" in report
    assert "| … before the cutover began | 2 |  |" in report


@pytest.mark.parametrize(
    "change",
    [
        {"unexplained": [FAILED]},
        {"audit": replace(AUDIT, unanswerable=[1])},
        {"audit": replace(AUDIT, unended=[1])},
        {"audit": replace(AUDIT, changed=[1])},
        {"audit": replace(AUDIT, overlapping=["1"])},
        {"audit": replace(AUDIT, repeats=[Repeat("1", 150.0, 151.0)])},
        {"audit": replace(AUDIT, orphans=1)},
        {"faults": [replace(KILLED, decided=105.1)]},
        {"faults": [replace(KILLED, late_creates_ms=100.0)]},
    ],
    ids=str,
)
def test_whatever_is_lost_doubled_or_late_withholds_it(change: dict[str, Any]) -> None:
    bad = replace(GOOD, **change)

    assert not figures.signed_off(bad)
    assert "**Not signed off.**" in markdown(bad, "picture.svg")


def test_what_a_sigkill_took_along_is_counted_apart(
    figure: Callable[[Findings, str], str],
) -> None:
    again = replace(GOOD, audit=replace(AUDIT, repeats=[Repeat("1", 99.9, 103.5)]))

    assert figures.signed_off(again)
    assert figure(again, "between a job's end and its keeping") == "1"


def test_repeats_are_told_from_the_run_log_of_the_deduper(tmp_path: Path) -> None:
    log = tmp_path / "runs.jsonl"
    clock = "2026-11-21T12:00:{:02}+00:00".format
    runs = [("1", 0, 2, 0), ("1", 3, 4, 1), ("1", 5, 7, 0), ("2", 1, 2, 0)]
    log.write_text(
        "".join(
            json.dumps({"arguments": ["analyze_fast"], "job": job, "pid": began, **ends}) + "\n"
            for job, began, ended, code in runs
            for ends in (
                {"started": clock(began)},
                {"started": clock(began), "ended": clock(ended), "exit_code": code},
            )
        )
    )
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()

    assert audit._repeats(audit._runs(log)) == [Repeat("1", noon + 2, noon + 5)]


@pytest.fixture(name="figure")
def _figure() -> Callable[[Findings, str], str]:
    def value(findings: Findings, says: str) -> str:
        (found,) = (each for each in figures.counts(findings) if says in each.says)
        return found.value

    return value
