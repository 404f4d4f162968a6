"""Renders a report as Markdown: the matrix of routes, causes, decisions; made to be committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report
from parity_harness.reporters.matrix import Cell, matrix, methods
from parity_harness.reporters.summary import (
    Finding,
    complaints,
    findings,
    place,
    printable,
)

_MARKS = {"kept": "✓", "blank": ""}


def render(report: Report) -> str:
    """Return the report as Markdown, without anything that changes from run to run."""
    title = f"# Parity of {_code(report.candidate)} with {_code(report.baseline)}"
    sections = (
        title,
        f"**{report.judgement.verdict}**",
        _matrix(report),
        _findings("Open", [each for each in findings(report) if each.open]),
        _decisions(report),
        _complaints(report),
        _noise(report),
    )
    return "\n\n".join(each for each in sections if each) + "\n"


def _matrix(report: Report) -> str:
    columns = methods(report)
    rows = [
        (_code(row.route), *map(_mark, row.cells), _numbers(row.statuses), ", ".join(row.missing))
        for row in matrix(report)
    ]
    if not rows:
        return ""
    legend = "✓ alike, ✗ open divergences, ≈ decided ones, blank: not asked."
    header = ("route", *columns, "statuses seen", "not exercised")
    return f"## Routes\n\n{_table(header, rows)}\n\n{legend}"


def _mark(cell: Cell) -> str:
    if cell.state == "open":
        return f"✗ {cell.open}"
    return f"≈ {cell.decided}" if cell.state == "decided" else _MARKS[cell.state]


def _findings(title: str, found: Sequence[Finding]) -> str:
    if not found:
        return ""
    parts = (_finding(each) for each in found)
    return f"## {title}\n\n" + "\n\n".join(parts)


def _finding(finding: Finding) -> str:
    cure = f"\n\n```python\n{finding.note.cure.strip()}\n```" if finding.note else ""
    header = ("", "where", "what", "baseline", "candidate")
    rows = [_row(each) for each in finding.open]
    severity = finding.cause.severity.name.lower()
    return f"### {_text(finding.title)} ({severity})\n\n{_table(header, rows)}{cure}"


def _row(divergence: Divergence) -> tuple[str, ...]:
    purpose = f" ({_text(divergence.purpose)})" if divergence.purpose else ""
    return (
        _code(divergence.fingerprint),
        f"{divergence.method} {_code(divergence.route)}{purpose}",
        _code(divergence.path),
        _code(divergence.baseline),
        _code(divergence.candidate),
    )


def _decisions(report: Report) -> str:
    rows = [
        (
            str(decision.disposition),
            f"{each.method} {_code(each.route)}",
            _code(each.path),
            _text(decision.reason),
            _text(decision.owner),
            decision.expires.isoformat(),
        )
        for each, decision in report.judgement.decided
    ]
    header = ("decision", "where", "what", "reason", "owner", "until")
    return f"## Decided\n\n{_table(header, rows)}" if rows else ""


def _complaints(report: Report) -> str:
    lines = [f"- {_code(place(each))}: {_said(each)} {what}." for each, what in complaints(report)]
    return "## Decisions to mend\n\n" + "\n".join(lines) if lines else ""


def _said(decision: Decision) -> str:
    return f"“{_text(decision.reason)}” of {_text(decision.owner)}"


def _noise(report: Report) -> str:
    rows = [
        (f"{each.method} {_code(each.route)}", _code(each.path), _code(each.form))
        for each in report.noise
    ]
    header = ("where", "what", "volatile, but still")
    return f"## Noise\n\n{_table(header, rows)}" if rows else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _code(text: str) -> str:
    """Fence a text in as many backticks as it needs (CommonMark, 6.1); a table cell's pipes too."""
    if not text:
        return ""
    fence = "`" * (max(map(len, _runs(text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{printable(text)}{pad}{fence}".replace("|", "\\|")


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


def _text(text: str) -> str:
    escaped = "".join(f"\\{each}" if each in "\\`*_[]<>|#&" else each for each in text)
    return printable(escaped)
