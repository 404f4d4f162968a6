"""The fleet, and what `make chaos ENGINE=distributed` tells of it.

`CHAOS_OUTAGES` says how long the database is gone, in seconds (1), `CHAOS_ROUNDS` how often every
fault is played (1), `CHAOS_STALLED_SECONDS` when a worker counts as dead (2); `CHAOS_REPORT` names
the page that is to tell of them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from rig import reliability
from rig.fleet import Fleet

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
STALLED_SECONDS = float(os.environ.get("CHAOS_STALLED_SECONDS", "2"))
REPORT = os.environ.get("CHAOS_REPORT")

TEXT = """\
A PostgreSQL, API processes and workers as real processes, each with a folder of its own. The
deduper has a grandchild in a session of its own, and both hold a lock as long as they live, so that
a second one is found out. "Recovery" is from the fault (of the database: from its return) until the
job runs elsewhere, or has ended where it is. A worker counts as dead after {stalled:g} s, and the
promise is twice that; where the database or its connections are gone, after 60 s.

| fault | times | jobs | lost | twice at once | ended twice | recovery, median and worst |
|---|---|---|---|---|---|---|
{rows}
"""


@dataclass(slots=True)
class Fault:
    """All rounds of one fault."""

    rounds: int = 0
    jobs: int = 0
    recoveries: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Return its line; a job that was lost or doubled would have failed the run."""
        seconds = self.recoveries
        spread = f"{median(seconds):.1f} s, {max(seconds):.1f} s" if seconds else "–"
        return f"| {name} | {self.rounds} | {self.jobs} | 0 | 0 | 0 | {spread} |"


@dataclass(slots=True)
class Tally:
    """What `docs/reliability.md` tells."""

    faults: defaultdict[str, Fault] = field(default_factory=lambda: defaultdict(Fault))

    async def survived(self, name: str, fleet: Fleet, *, seconds: float | None = None) -> None:
        """Hold a fleet to its promise and count it; the time only where a report is asked for."""
        await fleet.keeps_its_promise()
        fault = self.faults[name]
        fault.rounds += 1
        fault.jobs += len(fleet.acknowledged)
        if seconds is not None:
            fault.recoveries.append(seconds)
            assert REPORT is None or seconds <= 2 * fleet.stalled_seconds

    def text(self) -> str:
        """Return the section of the report."""
        rows = "\n".join(fault.row(name) for name, fault in self.faults.items())
        return TEXT.format(stalled=STALLED_SECONDS, rows=rows)


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    tally = Tally()
    yield tally
    if REPORT and tally.faults and not request.session.testsfailed:
        reliability.write(Path(REPORT), "distributed", tally.text())


@pytest.fixture(params=range(ROUNDS))
async def fleet(new_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[Fleet]:
    fleet = Fleet(new_database(), tmp_path, STALLED_SECONDS)
    try:
        await fleet.open()
        yield fleet
    finally:
        await fleet.close()


@pytest.fixture
def gone() -> Callable[[list[int]], bool]:
    """Return whether none of some processes is left; a zombie counts as gone."""

    def none_left(pids: list[int]) -> bool:
        return not any(alive(pid) for pid in pids)

    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return none_left
