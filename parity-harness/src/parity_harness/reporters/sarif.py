"""Renders a report as sarif."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as sarif."""
    return report.judgement.verdict
