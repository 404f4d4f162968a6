"""What every report says in its own way: the figures, causes, what to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from parity_harness.compare.judge import matches
from parity_harness.files.decisions import suggestion
from parity_harness.model.cause import Cause, causes
from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report, TrapNote

_DAYS_TO_DECIDE = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause as a report shows it: what is open of it, what was decided, and its cure."""

    cause: Cause
    open: tuple[Divergence, ...]
    decided: tuple[tuple[Divergence, Decision], ...]
    note: TrapNote | None

    @property
    def title(self) -> str:
        """The trap's sentence, or what differs."""
        return f"{self.cause.name} · {self.note.title}" if self.note else self.cause.name


def findings(report: Report) -> tuple[Finding, ...]:
    """Return all causes, those with something open first, then the worst first."""
    decisions = {each.fingerprint: (each, why) for each, why in report.judgement.decided}
    told = (*report.judgement.open, *(each for each, _ in report.judgement.decided))
    found = [
        Finding(
            cause,
            tuple(each for each in cause.divergences if each.fingerprint not in decisions),
            tuple(
                decisions[each.fingerprint]
                for each in cause.divergences
                if each.fingerprint in decisions
            ),
            report.traps.get(cause.trap or ""),
        )
        for cause in causes(told)
    ]
    return tuple(sorted(found, key=lambda finding: not finding.open))


def divergences(report: Report) -> tuple[Divergence, ...]:
    """Return the open ones, then the decided ones."""
    return (*report.judgement.open, *(each for each, _ in report.judgement.decided))


def tally(report: Report) -> str:
    """Return the run in one line of figures."""
    parts = [
        _number(sum(1 for each in findings(report) if each.open), "open cause"),
        _number(len(report.judgement.open), "open divergence"),
        f"{len(report.judgement.decided)} decided",
        _number(len(report.coverage), "route"),
    ]
    if "exchanges" in report.counts:
        parts.append(_number(report.counts["exchanges"], "exchange"))
    return " · ".join(parts) + f" · {report.seconds:.1f} s · seed {report.seed}"


def complaints(report: Report) -> tuple[tuple[Decision, str], ...]:
    """Return each decision that needs mending, with what to do about it."""
    expired = ((each, _expired(each, divergences(report))) for each in report.judgement.expired)
    stale = (
        (each, "matched nothing in this run: delete it, or mend its select")
        for each in report.judgement.stale
        if each not in report.judgement.expired
    )
    return (*expired, *stale)


def place(decision: Decision) -> str:
    """Return where a decision stands: `file:line`."""
    return f"{decision.source}:{decision.line}" if decision.source else "decisions"


def lines_to_paste(report: Report, divergence: Divergence) -> str:
    """Return the TOML entry that accepts a divergence for three months."""
    today = (report.finished or datetime.now(UTC)).date()
    return suggestion(divergence, today + timedelta(days=_DAYS_TO_DECIDE))


def printable(text: str) -> str:
    """Make control characters visible: a body must not steer a terminal or a file format."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _expired(decision: Decision, found: Iterable[Divergence]) -> str:
    still = sum(1 for each in found if matches(decision.selector, each))
    what = f"{_number(still, 'divergence')} still there: decide anew" if still else "delete it"
    return f"expired on {decision.expires:%Y-%m-%d}; {what}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
