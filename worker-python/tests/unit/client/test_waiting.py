"""Waiting for a job, on a clock that stands still until somebody sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from worker_python_client.answers import Job, JobStatus
from worker_python_client.errors import WaitTimedOutError, WorkerUnavailableError
from worker_python_client.waiting import Ask, Patience, until_terminal

AWAY = WorkerUnavailableError("gone")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@pytest.fixture(name="clock")
def _clock(mocker: MockerFixture) -> Clock:
    clock = Clock()
    time = mocker.patch("worker_python_client.waiting.time")
    time.monotonic.side_effect = lambda: clock.now
    time.sleep.side_effect = clock.sleep
    return clock


def test_statuses_are_told_once_each(clock: Clock) -> None:
    told: list[Job] = []
    ended = until_terminal(
        7, _answering("pending", "pending", "running", "running", "failed"), Patience(), told.append
    )

    assert ended.status is JobStatus.FAILED
    assert [job.status for job in told] == ["pending", "running", "failed"]
    assert len(clock.slept) == 4


def test_pauses_grow_to_a_ceiling(clock: Clock) -> None:
    patience = Patience(first_pause=0.5, growth=2, longest_pause=3)
    until_terminal(7, _answering(*["running"] * 5, "completed"), patience, print)

    assert clock.slept == [0.5, 1, 2, 3, 3]


def test_the_time_limit_is_kept_to_and_the_last_moment_asks_once_more(clock: Clock) -> None:
    asked: list[float] = []

    def ask(seconds: float) -> Job:
        asked.append(seconds)
        return _job("running")

    with pytest.raises(WaitTimedOutError, match="job 7 had not ended after 5 s: it is running"):
        until_terminal(7, ask, Patience(5, first_pause=2, growth=1), print)

    assert clock.now == 105
    assert asked == [5, 3, 1, 1]


def test_a_worker_that_is_starting_again_is_waited_for(clock: Clock) -> None:
    ask = _answering("running", AWAY, AWAY, AWAY, "running", "completed")
    until_terminal(7, ask, Patience(first_pause=4, growth=1, longest_pause=4, outage=15), print)

    assert clock.now == 120


def test_a_worker_that_stays_away_is_not(clock: Clock) -> None:
    patience = Patience(first_pause=4, growth=1, longest_pause=4, outage=15)
    with pytest.raises(WorkerUnavailableError, match="gone"):
        until_terminal(7, _answering("running", *[AWAY] * 9), patience, print)

    assert clock.now == 116


def test_nothing_was_seen_where_the_worker_was_away_all_the_while(clock: Clock) -> None:
    with pytest.raises(WaitTimedOutError, match="the worker did not answer"):
        until_terminal(7, _answering(*[AWAY] * 99), Patience(1), print)

    assert clock.now == 101


def test_without_a_limit_it_goes_on(clock: Clock) -> None:
    until_terminal(7, _answering(*["pending"] * 5000, "cancelled"), Patience(None), print)

    assert clock.now > 9000


def _answering(*answers: str | Exception) -> Ask:
    script: Iterator[str | Exception] = iter(answers)

    def ask(seconds: float) -> Job:
        del seconds
        answer = next(script)
        if isinstance(answer, Exception):
            raise answer
        return _job(answer)

    return ask


def _job(status: str) -> Job:
    return Job.model_validate_json(
        f'{{"jobId": 7, "status": "{status}", "createdAt": "2026-01-31T09:30:00+00:00"}}'
    )
