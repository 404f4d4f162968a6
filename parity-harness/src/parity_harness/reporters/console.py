"""Renders a report for a terminal: the verdict, then causes by severity, each with its cure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from parity_harness.model.divergence import Divergence, Severity
from parity_harness.model.verdict import Report, Verdict
from parity_harness.reporters.summary import (
    Finding,
    complaints,
    findings,
    lines_to_paste,
    place,
    printable,
    tally,
)

_STYLED = {
    Verdict.KEPT: "bold green",
    Verdict.KEPT_WITH_DECISIONS: "bold green",
    Verdict.BROKEN: "bold red",
}
_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.MAJOR: "red",
    Severity.MINOR: "yellow",
    Severity.COSMETIC: "dim",
}
_SHOWN_EACH = 3


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """Return the report as lines of text, at most `width` columns, coloured on request."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        legacy_windows=False,
    )
    for part in _parts(report):
        console.print(part, soft_wrap=isinstance(part, Text))
    return out.getvalue()


def _parts(report: Report) -> Iterator[RenderableType]:
    yield from _head(report)
    opened = [each for each in findings(report) if each.open]
    for severity, group in groupby(opened, key=lambda finding: finding.cause.severity):
        yield Text(f"\n{severity.name}", style=_STYLES[severity])
        for finding in group:
            yield from _finding(finding)
    if opened:
        yield from _how_to_decide(report, opened[0].open[0])
    yield from _mending(report)
    yield from _coverage(report)
    yield from (Text(f"note: {printable(each)}", style="dim") for each in report.notes)


def _head(report: Report) -> Iterator[Text]:
    verdict = report.judgement.verdict
    is_open = report.interrupted and verdict is not Verdict.BROKEN
    said, style = ("INTERRUPTED", "bold yellow") if is_open else (verdict.upper(), _STYLED[verdict])
    line = Text(said, style=style)
    line.append(f"  {printable(report.baseline)} → {printable(report.candidate)}", style="default")
    yield line
    yield Text(tally(report), style="dim")
    if report.interrupted:
        yield Text("interrupted: this is what was found until then", style="yellow")


def _finding(finding: Finding) -> Iterator[RenderableType]:
    cause = finding.cause
    title = Text(f"  {printable(finding.title)}", style="bold")
    routes = f"{len(cause.routes)} route{'' if len(cause.routes) == 1 else 's'}"
    title.append(f"  {len(finding.open)} on {routes}", style="dim not bold")
    yield title
    if finding.note and finding.note.client_view:
        yield Text(f"    {printable(finding.note.client_view)}", style="italic")
    yield Padding(_table(finding.open[:_SHOWN_EACH]), (0, 0, 0, 4))
    if len(finding.open) > _SHOWN_EACH:
        yield Text(f"    … {len(finding.open) - _SHOWN_EACH} more", style="dim")
    for line in finding.open[0].reproduction.splitlines():
        if line.startswith("curl "):
            yield Text(f"    {printable(line)}", style="dim")
    if finding.note:
        yield Text(f"    cure: parity explain {cause.trap}", style="green")


def _table(found: tuple[Divergence, ...]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for column, ratio in (("where", 3), ("path", 2), ("values", 4)):
        table.add_column(column, ratio=ratio, overflow="fold")
    for each in found:
        where = Text(f"{each.method} {each.route}")
        if each.purpose:
            where.append(f"  {printable(each.purpose)}", style="dim")
        values = Text(printable(each.baseline), style="green")
        values.append(" → ", style="dim").append(printable(each.candidate), style="red")
        table.add_row(where, Text(printable(each.path)), values)
    return table


def _how_to_decide(report: Report, divergence: Divergence) -> Iterator[Text]:
    yield Text("\nTo accept one, write into the decisions file (this is the first):", style="dim")
    for line in lines_to_paste(report, divergence).splitlines():
        yield Text(f"    {line}")


def _mending(report: Report) -> Iterator[Text]:
    found = complaints(report)
    if found:
        yield Text("\nDECISIONS TO MEND", style="red")
    for decision, what in found:
        yield Text(f"  {printable(place(decision))}: {what}")


def _coverage(report: Report) -> Iterator[Text]:
    gaps = [each for each in report.coverage if each.missing]
    if gaps:
        yield Text("\nNOT EXERCISED", style="yellow")
    for each in gaps:
        yield Text(f"  {printable(each.route)}: {printable(', '.join(each.missing))}")
