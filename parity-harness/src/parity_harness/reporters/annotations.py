"""Renders a report as annotations of a GitHub workflow run."""

from __future__ import annotations

from parity_harness.model.divergence import Severity
from parity_harness.model.verdict import Report
from parity_harness.reporters.summary import Finding, complaints, findings, place

_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.MAJOR: "error",
    Severity.MINOR: "warning",
    Severity.COSMETIC: "notice",
}


def render(report: Report) -> str:
    """Return one workflow command a line: each open cause, each decision to mend."""
    lines = [_cause(each) for each in findings(report) if each.open]
    for decision, what in complaints(report):
        where = f"file={_property(decision.source)},line={decision.line}"
        lines.append(f"::error {where}::{_data(f'{place(decision)}: {what}')}")
    return "".join(f"{line}\n" for line in lines)


def _cause(finding: Finding) -> str:
    first = finding.open[0]
    told = (
        f"{first.method} {first.route}: {first.path}: {first.baseline} → {first.candidate}"
        f" ({len(finding.open)} on {len(finding.cause.routes)} routes)"
    )
    command = _COMMANDS[finding.cause.severity]
    return f"::{command} title={_property(finding.title)}::{_data(told)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
