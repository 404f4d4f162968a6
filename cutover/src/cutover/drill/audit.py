"""The reckoning after a drill: every promised job asked for, every execution counted."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from cutover import processes
from cutover.drill.load import ClientLedger

SETTLE_LIMIT_SECONDS = 300.0
POLL_SECONDS = 0.1
TERMINAL = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Two successful executions of a job: when one ended, the next began (epoch seconds)."""

    job: str
    ended: float
    began: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of the promises.

    `unanswerable` are jobs that the edge has no answer for; `unended` those without a terminal
    status; `changed` those told cancelled and found otherwise; `overlapping` executions of one job
    at one time; `repeats` successful executions of a job that had been executed with success;
    `orphans` attempts alive that nobody owns.
    """

    statuses: Mapping[str, int]
    unanswerable: Sequence[int]
    unended: Sequence[int]
    changed: Sequence[int]
    executions: int
    overlapping: Sequence[str]
    repeats: Sequence[Repeat]
    orphans: int


def audit(edge: str, ledger: ClientLedger, run_log: Path, mark: str) -> Audit:
    """Ask for every acknowledged job until all have ended, then read the deduper's own log."""
    statuses = _statuses(edge, ledger)
    runs = _runs(run_log)
    return Audit(
        statuses=Counter(status for status in statuses.values() if status),
        unanswerable=sorted(job for job, status in statuses.items() if status is None),
        unended=sorted(job for job, status in statuses.items() if status not in (*TERMINAL, None)),
        changed=sorted(job for job in ledger.cancelled if statuses.get(job) != "cancelled"),
        executions=len(runs),
        overlapping=_overlapping(runs),
        repeats=_repeats(runs),
        orphans=len(processes.attempt_trees(mark) or ()),
    )


def _statuses(edge: str, ledger: ClientLedger) -> dict[int, str | None]:
    statuses: dict[int, str | None] = dict.fromkeys(ledger.acknowledged)
    deadline = time.monotonic() + SETTLE_LIMIT_SECONDS
    with httpx.Client(base_url=edge, timeout=10) as client:
        while time.monotonic() < deadline:
            for job in [job for job, status in statuses.items() if status not in TERMINAL]:
                statuses[job] = _status(client, job)
            if all(status in TERMINAL for status in statuses.values()):
                break
            time.sleep(POLL_SECONDS)
    return statuses


def _status(client: httpx.Client, job: int) -> str | None:
    try:
        answer = client.get(f"/deduper/jobs/{job}")
        return str(answer.json()["status"]) if answer.is_success else None
    except (httpx.HTTPError, ValueError, KeyError):
        return None


def _runs(run_log: Path) -> Sequence[Mapping[str, Any]]:
    """Return executions of jobs, one mapping each: a killed one has a start and no end."""
    if not run_log.exists():
        return []
    merged: dict[object, dict[str, Any]] = {}
    for line in run_log.read_text().splitlines():
        entry = json.loads(line)
        merged.setdefault((entry["pid"], entry["started"]), {}).update(entry)
    return [run for run in merged.values() if "analyze_fast" in run.get("arguments", ())]


def _overlapping(runs: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    found = []
    for job, own in _by_job(runs).items():
        spans = sorted((run["started"], run.get("ended") or run["started"]) for run in own)
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            found.append(job)
    return found


def _repeats(runs: Sequence[Mapping[str, Any]]) -> Sequence[Repeat]:
    found = []
    for job, own in _by_job(runs).items():
        good = sorted((run["started"], run["ended"]) for run in own if run.get("exit_code") == 0)
        found += [Repeat(job, _at(ended), _at(began)) for (_, ended), (began, _) in pairwise(good)]
    return found


def _at(said: str) -> float:
    return datetime.fromisoformat(said).timestamp()


def _by_job(runs: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        if run.get("job"):
            grouped.setdefault(str(run["job"]), []).append(run)
    return grouped
