"""Renders a report as junit."""

from __future__ import annotations

from parity_harness.model.verdict import Report


def render(report: Report) -> str:
    """Return the report as junit."""
    return report.judgement.verdict
