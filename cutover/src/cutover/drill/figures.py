"""The figures of a drill: what is only counted, what has to be 0, what must not take too long.

A drill is signed off where every promise is kept and nothing took too long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cutover.drill.findings import Findings

DETECTION_SECONDS = 5.0
LAST_CREATE_MS = 100.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: what it says, the value, what is wanted of it, whether it is so."""

    says: str
    value: str
    wanted: str = ""
    is_met: bool = True


def signed_off(findings: Findings) -> bool:
    """Whether nothing was lost, doubled, left behind or failed by the cutover, and all in time."""
    return all(figure.is_met for figure in (*promises(findings), *times(findings)))


def counts(findings: Findings) -> Iterator[Figure]:
    """Yield what is only counted."""
    outside = len(findings.unexplained) + len(findings.as_ever)
    in_faults = sum(one.failed for one in findings.sent) - outside
    yield Figure("requests sent", str(len(findings.sent)))
    yield Figure("… without any answer", str(sum(one.status == 0 for one in findings.sent)))
    yield Figure("… failed by a broken candidate, while it was broken", str(in_faults))
    yield Figure(
        "… failed by the old worker's own fault: a create during a clear",
        str(len(findings.as_ever)),
    )
    yield Figure("jobs acknowledged", str(findings.acknowledged))
    yield Figure("… before the cutover began", str(findings.acknowledged_before))
    yield Figure("… by the candidate", str(findings.candidate_jobs))
    for status, count in sorted(findings.audit.statuses.items()):
        yield Figure(f"… that ended `{status}`", str(count))
    yield Figure("executions of the deduper", str(findings.audit.executions))
    yield Figure(
        "… again, because a SIGKILL came between a job's end and its keeping",
        str(len(findings.taken_along)),
    )
    yield Figure("kills of the controller itself", str(findings.controller_kills))


def promises(findings: Findings) -> Iterator[Figure]:
    """Yield what has to be 0."""
    audit = findings.audit
    for says, count in (
        ("requests failed by the cutover itself", len(findings.unexplained)),
        ("acknowledged jobs unanswerable at the end", len(audit.unanswerable)),
        ("… not ended", len(audit.unended)),
        ("… told cancelled, found otherwise", len(audit.changed)),
        ("… executed twice at one time", len(audit.overlapping)),
        ("… completed twice", len(audit.repeats) - len(findings.taken_along)),
        ("orphans", audit.orphans),
    ):
        yield Figure(says, str(count), "0", count == 0)


def times(findings: Findings) -> Iterator[Figure]:
    """Yield what must not take too long."""
    slowest = max((fault.detection_seconds for fault in findings.faults), default=0.0)
    latest = max((fault.late_creates_ms for fault in findings.faults), default=0.0)
    yield Figure(
        "slowest detection, fault to decision",
        f"{slowest:.2f} s",
        f"< {DETECTION_SECONDS:g} s",
        slowest < DETECTION_SECONDS,
    )
    yield Figure(
        "last create at the candidate after a decision",
        f"{latest:.0f} ms",
        f"< {LAST_CREATE_MS:g} ms",
        latest < LAST_CREATE_MS,
    )
