"""What a drill showed, as figures: made from the two ledgers, the audit and Envoy's access log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cutover.drill.audit import Audit, Repeat
from cutover.drill.load import ClientLedger, Sent
from cutover.ledger import Entry
from cutover.state import Move

KILL = "killed"
BASELINE_FAULT = "dictionary changed size during iteration"
"""What the baseline answers a clear with while a create arrives: its own fault, moved or not."""


@dataclass(frozen=True, slots=True)
class FaultFinding:
    """One fault: when it began and was healed (epoch seconds), and how it was met.

    `late_creates_ms` is how long after the decision the last create reached the candidate, 0 where
    none did.
    """

    name: str
    says: str
    began: float
    decided: float
    healed: float
    gate: str
    reason: str
    late_creates_ms: float
    failed: Sequence[Sent]

    @property
    def detection_seconds(self) -> float:
        """From the fault to the decision."""
        return self.decided - self.began


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the report shows.

    `acknowledged_before` counts jobs that were promised before the cutover began. `unexplained` are
    requests that failed with nothing wrong; `as_ever` failed by a fault of the baseline that it
    always had.
    """

    began: float
    ended: float
    sent: Sequence[Sent]
    acknowledged: int
    acknowledged_before: int
    candidate_jobs: int
    faults: Sequence[FaultFinding]
    audit: Audit
    stages: Sequence[tuple[float, str, int]]
    unexplained: Sequence[Sent]
    as_ever: Sequence[Sent]
    controller_kills: int

    @property
    def taken_along(self) -> Sequence[Repeat]:
        """Repeats of jobs whose outcome a SIGKILL took along before the candidate had kept it.

        The deduper's own log had it; the candidate did not, and began them again when it was back.
        """
        kills = [fault for fault in self.faults if fault.name == KILL]
        return [
            repeat
            for repeat in self.audit.repeats
            if any(repeat.ended < kill.healed and repeat.began > kill.began for kill in kills)
        ]


def findings(
    entries: Sequence[Entry], clients: ClientLedger, audit: Audit, access_log: Path, first_id: int
) -> Findings:
    """Put the figures together; `first_id` is the candidate's first job id."""
    creates = list(_creates_at_candidate(access_log))
    faults = tuple(_faults(entries, creates, clients.sent))
    outside = [one for one in clients.sent if one.failed and not _during(one, faults)]
    moves = [entry for entry in entries if entry.kind == "move"]
    return Findings(
        began=min([entries[0].at, *(one.at for one in clients.sent)]),
        ended=max((one.at + one.seconds for one in clients.sent), default=entries[-1].at),
        sent=clients.sent,
        acknowledged=len(clients.acknowledged),
        acknowledged_before=sum(at < entries[0].at for at in clients.acknowledged.values()),
        candidate_jobs=sum(job >= first_id for job in clients.acknowledged),
        faults=faults,
        audit=audit,
        stages=[(move.at, str(move.facts["move"]), _share(move)) for move in moves],
        unexplained=[one for one in outside if BASELINE_FAULT not in one.error],
        as_ever=[one for one in outside if BASELINE_FAULT in one.error],
        controller_kills=sum(entry.kind == "controller-killed" for entry in entries),
    )


def _faults(
    entries: Sequence[Entry], creates: Sequence[float], sent: Sequence[Sent]
) -> Iterator[FaultFinding]:
    for index, entry in enumerate(entries):
        if entry.kind != "fault":
            continue
        after = entries[index:]
        abort = next(e for e in after if e.kind == "move" and e.facts["move"] == Move.ABORT)
        healed = next(e for e in after if e.kind == "restored")
        retried = next(e for e in after if e.kind == "move" and e.facts["move"] == Move.RETRY)
        late = [at - abort.at for at in creates if abort.at < at < retried.at]
        yield FaultFinding(
            name=str(entry.facts["name"]),
            says=str(entry.facts["says"]),
            began=entry.at,
            decided=abort.at,
            healed=healed.at,
            gate=str(abort.facts["by"]),
            reason=str(abort.facts["reason"]),
            late_creates_ms=max(late, default=0.0) * 1000,
            failed=[one for one in sent if one.failed and _overlaps(one, entry.at, healed.at)],
        )


def _creates_at_candidate(access_log: Path) -> Iterator[float]:
    """Yield when Envoy began to route each create to the candidate."""
    for line in access_log.read_text().splitlines():
        entry: Mapping[str, Any] = json.loads(line)
        path = str(entry["path"]).rstrip("/")
        is_create = path.endswith("/deduper/jobs") or "/deduper/jobs/reportId/" in path
        if is_create and entry["cluster"] == "candidate":
            yield datetime.fromisoformat(entry["time"]).timestamp()


def _during(one: Sent, faults: Sequence[FaultFinding]) -> bool:
    return any(_overlaps(one, fault.began, fault.healed) for fault in faults)


def _overlaps(one: Sent, began: float, ended: float) -> bool:
    return one.at < ended and one.at + one.seconds > began


def _share(move: Entry) -> int:
    return int(str(move.facts["share"]))
