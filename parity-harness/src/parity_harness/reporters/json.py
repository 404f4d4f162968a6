"""Renders a report as json."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as json."""
    return report.judgement.verdict
