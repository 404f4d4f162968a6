"""Any sequence of what may happen, against a model, with a real service and real processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

EXAMPLES = int(os.environ.get("CHAOS_EXAMPLES", "2"))
STEPS = 15
FIRST_WAITING_REPORT = 1000
ATTEMPTS_AT_MOST = 3
TERMINAL = {"completed", "failed", "cancelled"}
NUMBERS = st.integers(0, 99)

Eventually = Callable[[Callable[[], bool]], None]


class Service(Protocol):
    settings: dict[str, str]

    def start(self) -> bool: ...
    def ask(self, method: str, path: str) -> tuple[int, dict[str, Any]] | None: ...
    def jobs(self) -> dict[int, str]: ...
    def let_end(self, report_id: int, code: int = 0) -> None: ...
    def kill(self) -> None: ...
    def stop(self) -> int: ...
    def seconds_until_nothing_is_left(self) -> float: ...
    def leavings(self) -> list[object]: ...
    def doubled(self) -> list[str]: ...


MakeService = Callable[[Path], Service]


def pick(job_ids: Iterable[int], number: int) -> int | None:
    found = sorted(job_ids)
    return found[number % len(found)] if found else None


class ServiceMachine(RuleBasedStateMachine):
    """The model is `expected`: the status each job must have once all is calm."""

    make_service: MakeService
    eventually: Eventually

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="service-machine-")
        self.service = type(self).make_service(Path(self.folder.name))
        self.expected: dict[int, str] = {}
        self.attempts: dict[int, int] = {}
        self.details: dict[int, dict[str, Any]] = {}

    @initialize(retry=st.booleans())
    def start(self, retry: bool) -> None:  # noqa: FBT001  # drawn
        self.retry = retry
        self.service.settings["RETRY_LOST_JOBS"] = str(retry)
        self.service.start()

    def teardown(self) -> None:
        self.service.kill()
        self.service.seconds_until_nothing_is_left()
        self.folder.cleanup()

    # ── what may happen ──────────────────────────────────────────────────────

    @rule(number=st.integers(1, 3))
    def submit(self, number: int) -> None:
        for _ in range(number):
            report_id = FIRST_WAITING_REPORT + len(self.expected) + 1
            status, body = self.ask("GET", f"/deduper/jobs/reportId/{report_id}")
            assert (status, body["jobId"]) == (201, report_id - FIRST_WAITING_REPORT)
            self.expected[body["jobId"]] = "pending"
        self.promote()

    @rule(code=st.sampled_from([0, 1]))
    def finish(self, code: int) -> None:
        for job_id in self.having("running"):
            self.service.let_end(FIRST_WAITING_REPORT + job_id, code)
            self.expected[job_id] = "completed" if code == 0 else "failed"
        self.promote()

    @rule(number=NUMBERS, callers=st.integers(1, 10))
    def cancel(self, number: int, callers: int) -> None:
        if (job_id := pick(self.expected, number)) is None:
            return
        before = self.expected[job_id]
        path = f"/deduper/jobs/{job_id}/cancel"
        with ThreadPoolExecutor(callers) as pool:
            answers = list(pool.map(lambda _: self.ask("POST", path), range(callers)))
        statuses = sorted(status for status, _ in answers)

        winners = 0 if before in TERMINAL else 1
        assert statuses == [200] * winners + [400] * (callers - winners)
        if winners:
            self.expected[job_id] = "cancelled"
            self.promote()

    @rule()
    def clear(self) -> None:
        status, body = self.ask("DELETE", "/deduper/clear-db-table")
        assert (status, body["cancelledJobs"]) == (200, self.having("pending", "running"))
        for job_id in body["cancelledJobs"]:
            self.expected[job_id] = "cancelled"

    @rule()
    def restart(self) -> None:
        self.service.stop()
        assert self.service.leavings() == []
        self.lose()

    @rule(at_once=st.booleans())
    def crash(self, at_once: bool) -> None:  # noqa: FBT001  # drawn
        self.service.kill()
        if not at_once:
            self.service.seconds_until_nothing_is_left()
        self.lose()

    # ── what must hold ───────────────────────────────────────────────────────

    @invariant()
    def all_is_as_promised(self) -> None:
        type(self).eventually(lambda: self.service.jobs() == self.expected)
        assert self.service.doubled() == []
        for job_id in self.having(*TERMINAL):
            detail = self.ask("GET", f"/deduper/jobs/{job_id}")[1]
            assert self.details.setdefault(job_id, detail) == detail

    # ── the model ────────────────────────────────────────────────────────────

    def ask(self, method: str, path: str) -> tuple[int, dict[str, Any]]:
        answer = self.service.ask(method, path)
        assert answer is not None
        return answer

    def having(self, *statuses: str) -> list[int]:
        return sorted(key for key, status in self.expected.items() if status in statuses)

    def promote(self) -> None:
        if not self.having("running") and (waiting := self.having("pending")):
            self.expected[waiting[0]] = "running"
            self.attempts[waiting[0]] = self.attempts.get(waiting[0], 0) + 1

    def lose(self) -> None:
        for job_id in self.having("running"):
            again = self.retry and self.attempts[job_id] < ATTEMPTS_AT_MOST
            self.expected[job_id] = "pending" if again else "failed"
        self.service.start()
        self.promote()


@pytest.mark.timeout(3600)
def test_any_sequence_keeps_the_promise(make_service: MakeService, eventually: Eventually) -> None:
    machine = type(
        "Machine",
        (ServiceMachine,),
        {"make_service": staticmethod(make_service), "eventually": staticmethod(eventually)},
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
