"""Clearing where the store or the command fails: the list of the cancelled is always real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from worker_python.api.schemas import clear_answer
from worker_python.deduper.clear import Clearing
from worker_python.deduper.command import DeduperCommands
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import QuietPeriodError, StoreUnavailableError
from worker_python.settings import Settings

DISK_FULL = StoreUnavailableError("the disk is full")


class QuietEngine:
    """An engine whose quiet period cancels two jobs and gives the outcome it is told."""

    active = 0

    def __init__(self, outcome: Outcome | Exception, failure: Exception | None = None) -> None:
        self._outcome = outcome
        self._failure = failure
        self.cancelled: Sequence[int] = (3, 4)

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[QuietEngine]:
        if self._failure is not None:
            raise self._failure
        yield self

    async def run(self, command: Command) -> Outcome:
        assert command.argv[-2:] == ("clear_table", "-y")
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def clearing(engine: QuietEngine) -> Clearing:
    settings = Settings(path_to_python_venv="/venv", path_to_microservice_deduper="/deduper")
    return Clearing(engine, DeduperCommands(settings))  # type: ignore[arg-type]  # only what clearing uses


CASES: dict[str, tuple[QuietEngine, dict[str, Any]]] = {
    "exit code 0": (
        QuietEngine(Outcome(Ending.EXITED, 0, "done", "")),
        {"cleared": True, "cancelledJobs": (3, 4), "exitCode": 0, "stdout": "done", "stderr": ""},
    ),
    "killed from outside": (
        QuietEngine(Outcome(Ending.EXITED, -9, "", "")),
        {
            "cleared": False,
            "cancelledJobs": (3, 4),
            "exitCode": -9,
            "stdout": "",
            "stderr": "",
            "error": "Clear table command failed",
        },
    ),
    "out of time": (
        QuietEngine(Outcome(Ending.TIMED_OUT, -15, "", "", "timed out after 60 seconds")),
        {"error": "Clear table command timed out", "cancelledJobs": (3, 4)},
    ),
    "shut down": (
        QuietEngine(Outcome(Ending.SHUT_DOWN, -15, "", "")),
        {"error": "Clear table command ended as shut_down", "cancelledJobs": (3, 4)},
    ),
    "no process": (
        QuietEngine(Outcome(Ending.NOT_STARTED, error="no such file")),
        {"error": "no such file", "cancelledJobs": (3, 4)},
    ),
    "store fails after cancelling": (
        QuietEngine(DISK_FULL),
        {"error": "the disk is full", "cancelledJobs": (3, 4)},
    ),
    "store fails while cancelling": (
        QuietEngine(Outcome(Ending.EXITED, 0), QuietPeriodError([3], DISK_FULL)),
        {
            "error": "not every job could be cancelled: the disk is full",
            "cancelledJobs": (3,),
        },
    ),
    "store fails before cancelling": (
        QuietEngine(Outcome(Ending.EXITED, 0), DISK_FULL),
        {"error": "the disk is full", "cancelledJobs": ()},
    ),
}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("case", CASES)
async def test_every_end_of_a_clear_has_its_keys(case: str) -> None:
    engine, expected = CASES[case]

    report = await clearing(engine).run("r-1")

    answer = dict(clear_answer(report, datetime(2026, 1, 31, tzinfo=UTC)).content())
    assert answer.pop("timestamp") == "2026-01-31T00:00:00.000000+00:00"
    assert answer == expected
    assert (report.error is None) == (case == "exit code 0")
