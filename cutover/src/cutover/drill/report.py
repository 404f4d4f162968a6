"""The report of a drill, in Markdown. Nothing in it is typed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cutover.drill.figures import counts, promises, signed_off, times
from cutover.drill.findings import FaultFinding, Findings
from cutover.drill.load import Sent

SHOWN_CHARACTERS = 60


def markdown(findings: Findings, picture: str) -> str:
    """Return the report; `picture` is the timeline's file name."""
    day = datetime.fromtimestamp(findings.began, UTC).strftime("%Y-%m-%d %H:%M UTC")
    verdict = "**Signed off.**" if signed_off(findings) else "**Not signed off.**"
    parts = [
        f"# Rollback drill of {day}",
        f"{verdict} Written by `make drill` from the ledgers of this run.",
        f"![timeline]({picture})",
        "## What was asked, and what came of it",
        _table(("", "", "wanted"), _figures(findings)),
        "## The faults",
        _fault_table(findings),
        "## What failed while the candidate was broken",
        _table(("while it", "request", "what came back", "times"), _failed(findings.faults)),
        "## The stages",
        _table(("seconds", "move", "creates to the candidate"), _stages(findings)),
        "## Requests",
        _table(("kind", "sent", "failed", "answered by one worker for both"), _requests(findings)),
    ]
    if findings.unexplained:
        parts += ["## Failed by the cutover itself", *_unexplained(findings)]
    return "\n\n".join(parts) + "\n"


def _figures(findings: Findings) -> Iterator[tuple[str, ...]]:
    for figure in (*counts(findings), *promises(findings), *times(findings)):
        value = figure.value if figure.is_met else f"**{figure.value}**"
        yield figure.says, value, figure.wanted


def _fault_table(findings: Findings) -> str:
    rows = (
        (
            f"the candidate {fault.says}",
            f"{fault.detection_seconds:.2f} s",
            fault.gate,
            fault.reason,
            f"{fault.late_creates_ms:.0f} ms",
            str(len(fault.failed)),
        )
        for fault in findings.faults
    )
    head = ("fault", "detected after", "by", "because", "last create after the decision", "failed")
    return _table(head, rows)


def _failed(faults: Sequence[FaultFinding]) -> Iterator[tuple[str, ...]]:
    for fault in faults:
        kinds = Counter((one.kind, _answer(one)) for one in fault.failed)
        for (kind, answer), times_seen in sorted(kinds.items()):
            yield fault.says, kind, answer, str(times_seen)


def _answer(one: Sent) -> str:
    said = " ".join(one.error.split()).replace("|", "/")
    reason = said.rpartition("reset reason: ")[2].strip('"}')
    return f"{one.status or 'nothing'}: {reason[:SHOWN_CHARACTERS]}"


def _stages(findings: Findings) -> Iterator[tuple[str, ...]]:
    for at, move, share in findings.stages:
        yield f"{at - findings.began:.1f}", move, f"{share} %"


def _requests(findings: Findings) -> Iterator[tuple[str, ...]]:
    sent = Counter(one.kind for one in findings.sent)
    failed = Counter(one.kind for one in findings.sent if one.failed)
    partial = Counter(one.kind for one in findings.sent if one.partial)
    for kind in sorted(sent):
        yield kind, str(sent[kind]), str(failed[kind]), str(partial[kind])


def _unexplained(findings: Findings) -> Iterator[str]:
    for one in findings.unexplained[:50]:
        at = one.at - findings.began
        yield f"- {at:.2f} s: {one.kind} job {one.job}: {one.status} {one.error}".rstrip()


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
