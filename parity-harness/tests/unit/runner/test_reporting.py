from __future__ import annotations

import pytest

from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation, Route
from parity_harness.discovery.shapes import Parameter, Place
from parity_harness.model.divergence import Kind
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.runner.comparing.findings import Findings
from parity_harness.runner.preparing.preparation import Prepared
from parity_harness.runner.reporting import Circumstances, made_report

OPERATIONS = (
    Operation("GET", parameters=(Parameter("limit", Place.QUERY),)),
    Operation("DELETE"),
)
ROUTE = Route("/rows/{key}", OPERATIONS, (Parameter("key", Place.PATH),))
LONE = Route("/old", OPERATIONS[:1])
MATCHED = Matched((MatchedRoute("/rows/{key}", ROUTE, ROUTE, OPERATIONS),), missing=(LONE,))


def asked(ours: float, theirs: float) -> tuple[Exchange, Exchange]:
    probe = Probe("GET", "/rows/1", route="/rows/{key}")
    return Exchange(probe, Response(200, seconds=ours)), Exchange(
        probe, Response(200, seconds=theirs)
    )


def test_what_was_not_exercised_is_told_for_each_route(findings: Findings) -> None:
    findings.judge(*asked(0.1, 0.1))
    told = Circumstances("wsgi:a:b", "asgi:c:d", seed=7)
    report = made_report(findings, Prepared(MATCHED), (), told)
    known, lone = report.coverage

    assert (known.methods, known.statuses, known.exchanges) == (("GET",), (200,), 1)
    assert known.parameters == ("key", "limit")
    assert known.missing == ("DELETE was not asked", "no error on both sides")
    assert (lone.route, lone.missing) == ("/old", ("the candidate has no such route",))
    assert (report.seed, report.counts["exchanges"], report.counts["routes"]) == (7, 1, 1)


def test_an_ignored_route_says_why(findings: Findings) -> None:
    told = Circumstances("a", "b", ignored={"/rows/{key}": "nobody calls it"})
    report = made_report(findings, Prepared(MATCHED), (), told)

    assert report.coverage[0].missing == ("ignored: nobody calls it",)


def test_latency_is_a_median_and_a_percentile_of_each_side(findings: Findings) -> None:
    for ours, theirs in ((0.1, 0.2), (0.2, 0.4), (0.3, 0.6)):
        findings.judge(*asked(ours, theirs))
    (latency,) = made_report(findings, Prepared(), (), Circumstances("a", "b")).latency

    assert (latency.baseline_median, latency.candidate_median) == (0.2, 0.4)
    assert latency.baseline_p95 == pytest.approx(0.29)


@pytest.mark.parametrize(("ratio", "kinds"), [(0.0, []), (1.5, [Kind.LATENCY]), (2.5, [])])
def test_a_gate_on_latency_fails_what_is_slower(
    findings: Findings, ratio: float, kinds: list[Kind]
) -> None:
    findings.judge(*asked(0.1, 0.2))
    report = made_report(findings, Prepared(), (), Circumstances("a", "b", latency_ratio=ratio))

    assert [each.kind for each in report.judgement.open] == kinds


def test_a_trap_brings_its_cure_into_the_report(findings: Findings) -> None:
    head = Probe("HEAD", "/rows/1", route="/rows/{key}", purpose="method HEAD")
    answers = (Response(200, (("Allow", "GET, HEAD"),)), Response(405, (("Allow", "GET"),)))
    ours, theirs = (Exchange(head, answer) for answer in answers)
    found = findings.judge(ours, theirs)
    traps = {each.trap for each in found if each.trap}

    assert traps == {"FF02"}
