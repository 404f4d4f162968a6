"""Renders a report as SARIF 2.1.0 (OASIS), for code scanning and editors."""

from __future__ import annotations

import json
from importlib.metadata import version

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence, Severity
from parity_harness.model.verdict import Report
from parity_harness.reporters.summary import complaints, divergences, place

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.MAJOR: "error",
    Severity.MINOR: "warning",
    Severity.COSMETIC: "note",
}


def render(report: Report) -> str:
    """Return the report as one SARIF run; a decided divergence is a suppressed result."""
    decided = {each.fingerprint: why for each, why in report.judgement.decided}
    results = [_result(each, decided.get(each.fingerprint), report) for each in divergences(report)]
    results += [_mending(decision, what) for decision, what in complaints(report)]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(report)},
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _driver(report: Report) -> dict[str, object]:
    return {
        "name": "parity",
        "semanticVersion": version("parity-harness"),
        "rules": [_rule(each, report) for each in sorted(_rule_ids(report))],
    }


def _rule_ids(report: Report) -> set[str]:
    return {each.trap or str(each.kind) for each in divergences(report)} | {
        "decision" for _ in complaints(report)
    }


def _rule(rule_id: str, report: Report) -> dict[str, object]:
    note = report.traps.get(rule_id)
    title = note.title if note else f"{rule_id} differs from the baseline"
    rule: dict[str, object] = {"id": rule_id, "shortDescription": {"text": title}}
    if note:
        rule["fullDescription"] = {"text": note.client_view or title}
        rule["help"] = {"text": note.cure, "markdown": f"```python\n{note.cure}\n```"}
    return rule


def _result(divergence: Divergence, decision: Decision | None, report: Report) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": divergence.trap or str(divergence.kind),
        "level": _LEVELS[divergence.severity],
        "message": {"text": _message(divergence)},
        "locations": [_location(divergence, report)],
        "partialFingerprints": {"parity/v1": divergence.fingerprint},
        "properties": {"cause": divergence.cause, "reproduction": divergence.reproduction},
    }
    if decision:
        justification = f"{decision.disposition} until {decision.expires}: {decision.reason}"
        result["suppressions"] = [{"kind": "external", "justification": justification}]
    return result


def _message(divergence: Divergence) -> str:
    purpose = f" ({divergence.purpose})" if divergence.purpose else ""
    return (
        f"{divergence.method} {divergence.route}{purpose}: {divergence.path} is "
        f"{divergence.candidate} instead of {divergence.baseline}"
    )


def _location(divergence: Divergence, report: Report) -> dict[str, object]:
    """Point at the candidate's module: SARIF readers want a file, and a route is none."""
    return {
        "physicalLocation": {"artifactLocation": {"uri": _module(report.candidate)}},
        "logicalLocations": [
            {"fullyQualifiedName": f"{divergence.method} {divergence.route}", "kind": "resource"}
        ],
    }


def _module(target: str) -> str:
    scheme, _, rest = target.partition(":")
    if scheme in {"asgi", "wsgi"} and rest:
        return rest.partition(":")[0].replace(".", "/") + ".py"
    return "parity.toml"


def _mending(decision: Decision, what: str) -> dict[str, object]:
    return {
        "ruleId": "decision",
        "level": "error",
        "message": {"text": f"{place(decision)}: {what}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": decision.source or "decisions.toml"},
                    "region": {"startLine": max(decision.line, 1)},
                }
            }
        ],
    }
