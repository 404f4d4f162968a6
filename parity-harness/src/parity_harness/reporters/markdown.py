"""Renders a report as markdown."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as markdown."""
    return report.judgement.verdict
