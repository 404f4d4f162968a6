"""Renders a report as JUnit XML: a suite for each route, a case for each method."""

from __future__ import annotations

import re
from collections.abc import Sequence

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report
from parity_harness.reporters.matrix import Row, matrix
from parity_harness.reporters.summary import (
    complaints,
    lines_to_paste,
    place,
    printable,
)

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Return the report as JUnit XML; a decided divergence passes and is told in system-out."""
    xml = JUnitXml("parity")
    for row in matrix(report):
        xml.add_testsuite(_route(row, report))
    mending = [_mending(decision, what) for decision, what in complaints(report)]
    if mending:
        xml.add_testsuite(_suite("decisions", mending))
    xml.update_statistics()  # type: ignore[no-untyped-call]  # junitparser is half annotated
    return str(xml.tostring(), "utf-8")  # type: ignore[no-untyped-call]  # as above


def _route(row: Row, report: Report) -> TestSuite:
    cases = [_case(row.route, cell.method, report) for cell in row.cells if cell.state != "blank"]
    for missing in row.missing:
        case = TestCase(f"not exercised: {missing}", row.route)
        case.result = [Skipped("no request of this run reached it")]
        cases.append(case)
    return _suite(row.route, cases)


def _case(route: str, method: str, report: Report) -> TestCase:
    case = TestCase(method, route)
    here = [each for each in report.judgement.open if (each.method, each.route) == (method, route)]
    if here:
        case.result = [_failure(here, report)]
    decided = [
        f"{_line(each)}\n  {decision.disposition} ({decision.owner}): {decision.reason}"
        for each, decision in report.judgement.decided
        if (each.method, each.route) == (method, route)
    ]
    if decided:
        case.system_out = _clean("\n".join(decided))
    return case


def _failure(found: Sequence[Divergence], report: Report) -> Failure:
    failure = Failure(_clean(_line(found[0])), "divergence")
    told = [f"{_line(each)}\n{each.reproduction}".rstrip() for each in found]
    told.append(f"To accept the first, in the decisions file:\n{lines_to_paste(report, found[0])}")
    failure.text = _clean("\n\n".join(told))
    return failure


def _line(divergence: Divergence) -> str:
    return (
        f"{divergence.fingerprint} {divergence.cause}: {divergence.path}: "
        f"{printable(divergence.baseline)} → {printable(divergence.candidate)}"
        f" ({divergence.purpose})"
    )


def _mending(decision: Decision, what: str) -> TestCase:
    case = TestCase(place(decision), "decisions")
    case.result = [Failure(_clean(f"{place(decision)}: {what}"), "decision")]
    return case


def _suite(name: str, cases: Sequence[TestCase]) -> TestSuite:
    suite = TestSuite(_clean(name))
    suite.add_testcases(list(cases))
    return suite


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
