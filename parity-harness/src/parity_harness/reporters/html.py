"""Renders a report as html."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as html."""
    return report.judgement.verdict
