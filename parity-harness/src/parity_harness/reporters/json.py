"""Renders a report as JSON; its schema is `report.schema.json` beside this file."""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Latency, NoiseRule, Report, RouteCoverage
from parity_harness.reporters.summary import Finding, findings

SCHEMA_VERSION = 1
"""Rises when a reader of the last one could break: keys are added without a new number."""


def render(report: Report) -> str:
    """Return the report as JSON, two spaces deep, in a stable order."""
    document = {
        "schema": SCHEMA_VERSION,
        "tool": {"name": "parity", "version": version("parity-harness")},
        "baseline": report.baseline,
        "candidate": report.candidate,
        "verdict": str(report.judgement.verdict),
        "interrupted": report.interrupted,
        "seed": report.seed,
        "seconds": round(report.seconds, 3),
        "finished": report.finished.isoformat() if report.finished else None,
        "counts": dict(sorted(report.counts.items())),
        "causes": [_finding(each) for each in findings(report)],
        "divergences": _divergences(report),
        "decisions": {
            "stale": [_decision(each) for each in report.judgement.stale],
            "expired": [_decision(each) for each in report.judgement.expired],
        },
        "coverage": [_coverage(each) for each in report.coverage],
        "noise": [_noise(each) for each in report.noise],
        "latency": [_latency(each) for each in report.latency],
        "notes": list(report.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def schema() -> str:
    """Return the JSON Schema (draft 2020-12) of what `render` writes."""
    return files(__package__).joinpath("report.schema.json").read_text(encoding="utf-8")


def _divergences(report: Report) -> list[dict[str, object]]:
    undecided = [_divergence(each, None) for each in report.judgement.open]
    return undecided + [_divergence(*each) for each in report.judgement.decided]


def _finding(finding: Finding) -> dict[str, object]:
    cause, note = finding.cause, finding.note
    return {
        "name": cause.name,
        "severity": cause.severity.name.lower(),
        "trap": cause.trap,
        "title": note.title if note else None,
        "cure": note.cure if note else None,
        "routes": list(cause.routes),
        "open": len(finding.open),
        "decided": len(finding.decided),
        "divergences": [each.fingerprint for each in cause.divergences],
    }


def _divergence(divergence: Divergence, decision: Decision | None) -> dict[str, object]:
    return {
        "fingerprint": divergence.fingerprint,
        "cause": divergence.cause,
        "trap": divergence.trap,
        "severity": divergence.severity.name.lower(),
        "method": divergence.method,
        "route": divergence.route,
        "kind": str(divergence.kind),
        "path": divergence.path,
        "purpose": divergence.purpose,
        "statuses": list(divergence.statuses),
        "baseline": divergence.baseline,
        "candidate": divergence.candidate,
        "reproduction": divergence.reproduction,
        "decision": _decision(decision) if decision else None,
    }


def _decision(decision: Decision) -> dict[str, object]:
    return {
        "disposition": str(decision.disposition),
        "reason": decision.reason,
        "owner": decision.owner,
        "expires": decision.expires.isoformat(),
        "source": decision.source,
        "line": decision.line,
    }


def _coverage(coverage: RouteCoverage) -> dict[str, object]:
    return {
        "route": coverage.route,
        "methods": list(coverage.methods),
        "statuses": list(coverage.statuses),
        "parameters": list(coverage.parameters),
        "exchanges": coverage.exchanges,
        "missing": list(coverage.missing),
    }


def _noise(rule: NoiseRule) -> dict[str, object]:
    return {
        "method": rule.method,
        "route": rule.route,
        "path": rule.path,
        "form": rule.form,
        "learned_from": rule.learned_from,
    }


def _latency(latency: Latency) -> dict[str, object]:
    median = latency.candidate_median / latency.baseline_median if latency.baseline_median else None
    return {
        "route": latency.route,
        "baseline": {"median": latency.baseline_median, "p95": latency.baseline_p95},
        "candidate": {"median": latency.candidate_median, "p95": latency.candidate_p95},
        "ratio": round(median, 3) if median is not None else None,
    }
