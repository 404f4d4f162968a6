"""SIGKILL at every named crash point, again and again, under random requests on one database."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from worker_python.engines.crash_points import CrashPoint

KILLS = max(int(os.environ.get("CHAOS_KILLS", "8")), len(CrashPoint))
ROUND = [*CrashPoint]
POINTS = [ROUND[(kill + kill // len(ROUND)) % len(ROUND)] for kill in range(KILLS)]
"""Every point once a round; each round begins one further, so that both halves get all."""
SEED = int(os.environ.get("CHAOS_SEED", str(random.SystemRandom().randrange(10**6))))
FREE_RUNNING = 1000
STEPS_BEFORE_AN_OUTSIDE_KILL = 60
TERMINAL = {"completed", "failed", "cancelled"}

Eventually = Callable[[Callable[[], bool]], None]


class Service(Protocol):
    settings: dict[str, str]
    starts: int

    @property
    def dead(self) -> bool: ...
    def start(self, point: str | None = None, times: int = 1) -> bool: ...
    def ask(self, method: str, path: str) -> tuple[int, dict[str, Any]] | None: ...
    def jobs(self) -> dict[int, str]: ...
    def let_end(self, report_id: int, code: int = 0) -> None: ...
    def kill(self) -> None: ...
    def stop(self) -> int: ...
    def seconds_until_nothing_is_left(self) -> float: ...
    def leavings(self) -> list[object]: ...
    def doubled(self) -> list[str]: ...


class Tally(Protocol):
    def killed(self, point: str, *, gone_seconds: float) -> None: ...
    def restarted(self, seconds: float) -> None: ...
    def kept(self, *, acknowledged: int, doubled: int) -> None: ...


@dataclass(slots=True)
class Caller:
    """Asks at random, and remembers everything it was promised."""

    service: Service
    chance: random.Random
    reports: dict[int, int] = field(default_factory=dict)
    seen: dict[int, str] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    next_report: int = FREE_RUNNING

    def step(self) -> None:
        """Make one request, or let one deduper end."""
        actions = [self.create, self.create_waiting, self.release, self.cancel, self.look]
        weights = [6, 3, 5, 3, 3]
        if self.chance.random() < 0.06:
            self.clear()
        else:
            self.chance.choices(actions, weights)[0]()

    def create(self) -> None:
        self._create(self.chance.randrange(FREE_RUNNING))

    def create_waiting(self) -> None:
        self.next_report += 1
        self.waiting.append(self.next_report)
        self._create(self.next_report)

    def release(self) -> None:
        if self.waiting:
            self.service.let_end(self.waiting.pop(0), self.chance.choice([0, 0, 1]))

    def cancel(self) -> None:
        if not self.reports:
            return
        job_id = self.chance.choice(sorted(self.reports)[-6:])
        answer = self.service.ask("POST", f"/deduper/jobs/{job_id}/cancel")
        if answer is not None and answer[0] == 200:
            self.note(job_id, "cancelled")

    def clear(self) -> None:
        answer = self.service.ask("DELETE", "/deduper/clear-db-table")
        if answer is not None and answer[0] == 200:
            for job_id in answer[1]["cancelledJobs"]:
                self.note(job_id, "cancelled")

    def look(self) -> None:
        answer = self.service.ask("GET", "/deduper/jobs/list")
        if answer is not None:
            for job in answer[1]["jobs"]:
                self.note(job["jobId"], job["status"])
        health = self.service.ask("GET", "/deduper/health")
        assert health is None or health[1]["jobs"]["running"] <= 1, health

    def note(self, job_id: int, status: str) -> None:
        """Remember a status; a terminal one may never change."""
        before = self.seen.get(job_id)
        assert before not in TERMINAL or before == status, f"job {job_id}: {before}, now {status}"
        self.seen[job_id] = status

    def _create(self, report_id: int) -> None:
        answer = self.service.ask("GET", f"/deduper/jobs/reportId/{report_id}")
        if answer is not None:
            status, body = answer
            assert status == 201, body
            assert body["jobId"] not in self.reports, "an id was given twice"
            self.reports[body["jobId"]] = report_id


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("retry", "points"), [("false", POINTS[::2]), ("true", POINTS[1::2])])
def test_no_kill_loses_doubles_or_orphans_a_job(
    service: Service,
    eventually: Eventually,
    tally: Tally,
    retry: str,
    points: list[CrashPoint],
) -> None:
    print(f"CHAOS_SEED={SEED}")  # noqa: T201  # pytest shows it where the test fails
    service.settings["RETRY_LOST_JOBS"] = retry
    caller = Caller(service, random.Random(SEED))
    reached = 0
    for point in points:
        if point is CrashPoint.DURING_RECOVERY:
            leave_a_job_running(caller, eventually, tally)
        reached += live_until_killed(caller, point, tally)
        check(service)
    settle(caller, eventually, tally)
    assert reached >= len(points) / 2, "the service does not die at its crash points any more"


def leave_a_job_running(caller: Caller, eventually: Eventually, tally: Tally) -> None:
    """Die by a kill from outside with a job under way, so that there is something to recover."""
    service = caller.service
    start(caller, tally)
    for report_id in caller.waiting:
        service.let_end(report_id)
    caller.waiting.clear()
    eventually(lambda: set(service.jobs().values()) <= TERMINAL)
    caller.create_waiting()
    eventually(lambda: "running" in service.jobs().values())
    service.kill()
    tally.killed("outside", gone_seconds=service.seconds_until_nothing_is_left())


def live_until_killed(caller: Caller, point: CrashPoint, tally: Tally) -> bool:
    """Serve random requests until it dies at the crash point, or is killed as it never does."""
    service = caller.service
    reached = True
    times = 1 if point is CrashPoint.DURING_RECOVERY else caller.chance.randint(1, 3)
    if start(caller, tally, point, times):
        for _ in range(STEPS_BEFORE_AN_OUTSIDE_KILL):
            if service.dead:
                break
            caller.step()
        if not service.dead:
            service.kill()
            reached = False
    killed_at = str(point) if reached else "outside"
    tally.killed(killed_at, gone_seconds=service.seconds_until_nothing_is_left())
    return reached


def start(caller: Caller, tally: Tally, point: CrashPoint | None = None, times: int = 1) -> bool:
    """Start, and see that everything that was promised is still there."""
    began = time.monotonic()
    if not caller.service.start(point, times):
        return False
    tally.restarted(time.monotonic() - began)
    if caller.service.dead:
        return True
    jobs = caller.service.ask("GET", "/deduper/jobs/list")
    if jobs is not None:
        found = {job["jobId"]: job["status"] for job in jobs[1]["jobs"]}
        assert set(caller.reports) <= set(found), "an acknowledged job is lost"
        for job_id, status in found.items():
            caller.note(job_id, status)
    return True


def check(service: Service) -> None:
    assert service.doubled() == []
    assert service.leavings() == []


def settle(caller: Caller, eventually: Eventually, tally: Tally) -> None:
    """Let everything end, and compare it with what was asked for."""
    service = caller.service
    start(caller, tally)
    for report_id in range(FREE_RUNNING + 1, caller.next_report + 1):
        service.let_end(report_id)
    eventually(lambda: set(service.jobs().values()) <= TERMINAL)
    caller.look()
    for job_id, report_id in caller.reports.items():
        answer = service.ask("GET", f"/deduper/jobs/{job_id}")
        assert answer is not None
        assert answer[1].get("reportId") == report_id
    tally.kept(acknowledged=len(caller.reports), doubled=len(service.doubled()))
    service.stop()
    check(service)
