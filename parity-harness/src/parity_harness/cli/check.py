"""`parity check` and `parity replay`: compare, judge, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from parity_harness.cli.running import config_of, listening
from parity_harness.cli.running import run as run_to_the_end
from parity_harness.events import Listener
from parity_harness.files import har
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.verdict import Report, Verdict
from parity_harness.reporters import annotations as for_ci
from parity_harness.reporters import console, html, json, junit, markdown, sarif
from parity_harness.session import Session

REPORTERS: Mapping[str, Callable[[Report], str]] = {
    "html": html.render,
    "json": json.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
}

_BROKEN, _UNKNOWN = 1, 2


def run(options: argparse.Namespace) -> int:
    """Compare two apps."""
    with listening(options) as listen:
        report = run_to_the_end(_checked(options, listen))
    return _told(report, options)


def replay(options: argparse.Namespace) -> int:
    """Send recorded traffic to both."""
    probes = har.load(options.har, unsafe=options.unsafe)
    scenario = Scenario(options.har.name, tuple(map(Step, probes)), origin="recorded")
    options.declared_only = True
    with listening(options) as listen:
        report = run_to_the_end(_checked(options, listen, scenario))
    return _told(report, options)


async def _checked(options: argparse.Namespace, listen: Listener, *scenarios: Scenario) -> Report:
    async with Session(config_of(options), listen, scenarios) as session:
        return await session.run()


def _told(report: Report, options: argparse.Namespace) -> int:
    for name, render in REPORTERS.items():
        path: Path | None = getattr(options, name)
        if path:
            path.write_text(render(report), encoding="utf-8")
    sys.stdout.write(console.render(report, color=sys.stdout.isatty()))
    if options.annotations:
        sys.stdout.write(for_ci.render(report))
    if report.judgement.verdict is Verdict.BROKEN:
        return _BROKEN
    return _UNKNOWN if report.interrupted else 0
