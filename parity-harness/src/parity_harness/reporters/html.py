"""Renders a report as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from parity_harness.model.divergence import Severity
from parity_harness.model.verdict import Report
from parity_harness.reporters.matrix import matrix, methods
from parity_harness.reporters.page.evidence import panes
from parity_harness.reporters.summary import (
    complaints,
    findings,
    lines_to_paste,
    place,
    tally,
)

_FOLDED_AFTER = 4  # divergences of one cause: the others are alike


def render(report: Report) -> str:
    """Return the report as one page, readable without JavaScript; with it, it can be filtered.

    Bodies are hostile: everything is escaped, and the page's own policy lets no script run but
    the one that belongs to it.
    """
    style, script = _asset("report.css"), _asset("report.js")
    return _template().render(
        report=report,
        verdict=report.judgement.verdict,
        tally=tally(report),
        findings=findings(report),
        columns=methods(report),
        rows=matrix(report),
        complaints=complaints(report),
        severities=[each.name.lower() for each in sorted(Severity, reverse=True)],
        panes={key: panes(each) for key, each in report.evidence.items()},
        folded_after=_FOLDED_AFTER,
        lines_to_paste=lambda divergence: lines_to_paste(report, divergence),
        place=place,
        version=version("parity-harness"),
        style=Markup(style),  # noqa: S704  (our own file)
        script=Markup(script),  # noqa: S704  (our own file)
        style_hash=_digest(style),
        script_hash=_digest(script),
    )


def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("report.html.j2"))


@cache
def _asset(name: str) -> str:
    return files(f"{__package__}.page").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return a source expression for the page's Content-Security-Policy (CSP 3, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
