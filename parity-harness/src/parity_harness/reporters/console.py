"""Renders a report as console."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as console."""
    return report.judgement.verdict
