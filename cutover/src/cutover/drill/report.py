"""The report of a drill, in Markdown. Nothing in it is typed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from cutover.drill.findings import Findings


def markdown(findings: Findings, picture: str) -> str:
    """Return the report; `picture` is the timeline's file name."""
    day = datetime.fromtimestamp(findings.began, UTC).strftime("%Y-%m-%d %H:%M UTC")
    verdict = "**Signed off.**" if findings.signed_off else "**Not signed off.**"
    parts = [
        f"# Rollback drill of {day}",
        f"{verdict} Written by `make drill` from the ledgers of this run.",
        f"![timeline]({picture})",
        "## What was asked, and what came of it",
        _table(("", "", "wanted"), _figures(findings)),
        "## The faults",
        _fault_table(findings),
        "## The stages",
        _table(("seconds", "move", "creates to the candidate"), _stages(findings)),
        "## Requests",
        _table(("kind", "sent", "failed", "answered by one worker for both"), _requests(findings)),
    ]
    if findings.unexplained:
        parts += ["## Failed by the cutover itself", *_unexplained(findings)]
    return "\n\n".join(parts) + "\n"


def _figures(findings: Findings) -> Iterator[tuple[str, ...]]:
    audit = findings.audit
    outside = len(findings.unexplained) + len(findings.as_ever)
    in_faults = sum(one.failed for one in findings.sent) - outside
    latest = max((fault.late_creates_ms for fault in findings.faults), default=0.0)
    slowest = max((fault.detection_seconds for fault in findings.faults), default=0.0)
    yield "requests sent", str(len(findings.sent)), ""
    yield "failed by the cutover itself", str(len(findings.unexplained)), "0"
    yield "failed by a broken candidate, while it was broken", str(in_faults), "counted"
    yield (
        "failed by the old worker's own fault: a create during a clear",
        str(len(findings.as_ever)),
        "counted",
    )
    yield "jobs acknowledged", str(findings.acknowledged), ""
    yield "… of them by the candidate", str(findings.candidate_jobs), ""
    yield "… unanswerable at the end", str(len(audit.unanswerable)), "0"
    yield "… not ended", str(len(audit.unended)), "0"
    yield "… told cancelled, found otherwise", str(len(audit.changed)), "0"
    yield "executions of the deduper", str(audit.executions), ""
    yield "two executions of a job at one time", str(len(audit.overlapping)), "0"
    yield "jobs completed twice", str(len(audit.completed_twice)), "0"
    yield "orphans", str(audit.orphans), "0"
    yield "slowest detection, fault to decision", f"{slowest:.2f} s", "< 5 s"
    yield "last create at the candidate after a decision", f"{latest:.0f} ms", "< 100 ms"
    yield "kills of the controller itself", str(findings.controller_kills), ""
    for status, count in sorted(audit.statuses.items()):
        yield f"jobs that ended `{status}`", str(count), ""


def _fault_table(findings: Findings) -> str:
    rows = (
        (
            f"the candidate {fault.says}",
            f"{fault.detection_seconds:.2f} s",
            fault.gate,
            fault.reason,
            f"{fault.late_creates_ms:.0f} ms",
            str(fault.failed),
        )
        for fault in findings.faults
    )
    head = ("fault", "detected after", "by", "because", "last create after the decision", "failed")
    return _table(head, rows)


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
