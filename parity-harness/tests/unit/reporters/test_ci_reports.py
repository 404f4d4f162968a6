"""JUnit and SARIF, as their readers take them."""

from __future__ import annotations

import json
from typing import Any

from junitparser import JUnitXml

from parity_harness.model.verdict import Report
from parity_harness.reporters import junit, sarif


def test_junit_has_a_suite_a_route_and_a_case_a_method(broken: Report) -> None:
    xml = JUnitXml.fromstring(junit.render(broken).encode())
    suites = {suite.name: suite for suite in xml}

    assert list(suites) == ["/", "/health", "/jobs", "/jobs/{id}", "decisions"]
    assert [case.name for case in suites["/jobs"]] == ["GET", "HEAD", "POST"]
    assert (xml.tests, xml.failures, xml.skipped) == (11, 7, 1)


def test_junit_failures_tell_how_to_decide(broken: Report) -> None:
    xml = JUnitXml.fromstring(junit.render(broken).encode())
    (failure,) = next(case for suite in xml for case in suite if case.name == "HEAD").result

    assert "status: 200 → 405" in failure.message
    assert 'disposition = "accept"' in failure.text


def test_junit_passes_what_was_decided_and_says_so(broken: Report) -> None:
    xml = JUnitXml.fromstring(junit.render(broken).encode())
    case = next(case for suite in xml for case in suite if case.classname == "/jobs")

    assert case.is_passed
    assert "accept (api team): bytes are not promised" in case.system_out


def test_junit_is_xml_whatever_a_body_says(broken: Report) -> None:
    text = junit.render(broken)

    assert "\x1b" not in text
    assert JUnitXml.fromstring(text.encode())


def _run(report: Report) -> dict[str, Any]:
    document = json.loads(sarif.render(report))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_names_a_rule_for_each_result(broken: Report) -> None:
    run = _run(broken)
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}

    assert {result["ruleId"] for result in run["results"]} == set(rules)
    assert rules["FF02"]["help"]["text"].startswith("app.router")
    assert rules["value"]["shortDescription"]["text"] == "value differs from the baseline"


def test_sarif_results_have_a_level_a_place_and_a_fingerprint(broken: Report) -> None:
    first, *_ = _run(broken)["results"]

    assert first["level"] == "error"
    assert first["partialFingerprints"] == {"parity/v1": broken.judgement.open[0].fingerprint}
    (location,) = first["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "new/main.py"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "HEAD /"


def test_sarif_suppresses_what_was_decided_and_points_at_what_to_mend(broken: Report) -> None:
    results = _run(broken)["results"]
    suppressed = [each for each in results if "suppressions" in each]
    mending = [each for each in results if each["ruleId"] == "decision"]

    assert [each["ruleId"] for each in suppressed] == ["FF01"]
    lines = [each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in mending]
    assert lines == [18, 11]


def test_a_kept_report_has_no_results(kept: Report) -> None:
    assert _run(kept)["results"] == []
    assert len(JUnitXml.fromstring(junit.render(kept).encode())) == 0
