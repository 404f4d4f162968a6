"""Every move of a job, and every move there is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import InvalidTransitionError
from worker_python.jobs.job import Job, ProcessIdentity
from worker_python.jobs.status import JobStatus

NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=90)
PROCESS = ProcessIdentity(pid=42, start_time=7, boot_id="boot")
PENDING = Job(id=1, status=JobStatus.PENDING, created_at=NOW, report_id=84, request_id="r-1")
RUNNING = lifecycle.claim(PENDING, marker="word", now=NOW)

Move = Callable[[Job], Job]
MOVES: dict[str, tuple[JobStatus, Move]] = {
    "claim": (JobStatus.PENDING, lambda job: lifecycle.claim(job, marker="m", now=NOW)),
    "cancel": (JobStatus.PENDING, lambda job: lifecycle.cancel(job, now=NOW)),
    "reject": (JobStatus.PENDING, lambda job: lifecycle.reject(job, "no path", now=NOW)),
    "spawned": (JobStatus.RUNNING, lambda job: lifecycle.spawned(job, PROCESS)),
    "settle": (JobStatus.RUNNING, lambda job: lifecycle.settle(job, _exited(0), now=NOW)),
    "requeue": (JobStatus.RUNNING, lifecycle.requeue),
}


def _exited(code: int) -> Outcome:
    return Outcome(Ending.EXITED, code, "out", "err", seconds=2.0)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("status", JobStatus)
def test_a_move_starts_from_its_own_status_and_from_no_other(name: str, status: JobStatus) -> None:
    allowed_from, move = MOVES[name]
    job = replace(PENDING, status=status)

    if status is allowed_from:
        move(job)
    else:
        with pytest.raises(InvalidTransitionError, match=f"job 1 is {status}"):
            move(job)


def test_a_claim_starts_the_first_attempt() -> None:
    job = lifecycle.claim(PENDING, marker="word", now=LATER)

    assert (job.status, job.token, job.marker) == (JobStatus.RUNNING, 1, "word")
    assert job.started_at == LATER
    assert job.process is None


def test_each_claim_raises_the_token_so_that_an_old_attempt_is_known_by_its_own() -> None:
    again = lifecycle.claim(lifecycle.requeue(RUNNING), marker="other", now=LATER)

    assert again.token == RUNNING.token + 1


def test_what_was_asked_for_survives_every_move() -> None:
    ended = lifecycle.settle(lifecycle.spawned(RUNNING, PROCESS), _exited(0), now=LATER)

    assert (ended.id, ended.report_id, ended.request_id) == (1, 84, "r-1")
    assert (ended.created_at, ended.process) == (NOW, PROCESS)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (_exited(0), JobStatus.COMPLETED),
        (_exited(1), JobStatus.FAILED),
        (_exited(-9), JobStatus.FAILED),
        (Outcome(Ending.CANCELLED, -15, "", ""), JobStatus.CANCELLED),
        (Outcome(Ending.CANCELLED, 0, "", ""), JobStatus.CANCELLED),
        (Outcome(Ending.TIMED_OUT, -15, "", ""), JobStatus.FAILED),
        (Outcome(Ending.TIMED_OUT, 0, "", ""), JobStatus.FAILED),
        (Outcome(Ending.SHUT_DOWN, -15, "", ""), JobStatus.FAILED),
        (Outcome(Ending.NOT_STARTED, error="no such file"), JobStatus.FAILED),
        (Outcome(Ending.LOST), JobStatus.FAILED),
    ],
)
def test_the_reason_an_attempt_ended_decides_the_status(
    outcome: Outcome, status: JobStatus
) -> None:
    job = lifecycle.settle(RUNNING, outcome, now=LATER)

    assert job.status is status
    assert (job.exit_code, job.stdout, job.stderr) == (
        outcome.exit_code,
        outcome.stdout,
        outcome.stderr,
    )
    assert job.completed_at == LATER


@pytest.mark.parametrize("ending", [Ending.EXITED, Ending.CANCELLED])
def test_an_end_that_needs_no_explanation_has_no_error(ending: Ending) -> None:
    assert lifecycle.settle(RUNNING, Outcome(ending, 1, "", ""), now=LATER).error is None


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (Ending.TIMED_OUT, "longer than it may"),
        (Ending.SHUT_DOWN, "service was stopped"),
        (Ending.NOT_STARTED, "could not be started"),
        (Ending.LOST, "ended unexpectedly"),
    ],
)
def test_an_end_that_nobody_asked_for_says_why(ending: Ending, why: str) -> None:
    assert why in str(lifecycle.settle(RUNNING, Outcome(ending), now=LATER).error)


def test_the_words_of_the_executor_come_before_ours() -> None:
    outcome = Outcome(Ending.NOT_STARTED, error="no interpreter at /opt/venv/bin/python")

    assert lifecycle.settle(RUNNING, outcome, now=LATER).error == outcome.error


@pytest.mark.parametrize(
    ("outcome", "started"),
    [
        (_exited(0), True),
        (Outcome(Ending.CANCELLED, -15, "", ""), True),
        (Outcome(Ending.LOST), True),
        (Outcome(Ending.CANCELLED), False),
        (Outcome(Ending.NOT_STARTED, error="no such file"), False),
    ],
)
def test_a_job_has_a_start_only_where_it_had_a_process(outcome: Outcome, started: bool) -> None:  # noqa: FBT001  # a table's column
    assert (lifecycle.settle(RUNNING, outcome, now=LATER).started_at is not None) is started


def test_a_requeued_job_is_as_pending_as_a_new_one() -> None:
    assert lifecycle.requeue(lifecycle.spawned(RUNNING, PROCESS)) == replace(PENDING, token=1)


def test_a_rejected_job_failed_without_an_exit_code() -> None:
    job = lifecycle.reject(PENDING, "PATH_TO_PYTHON_VENV is missing", now=LATER)

    assert (job.status, job.error) == (JobStatus.FAILED, "PATH_TO_PYTHON_VENV is missing")
    assert (job.exit_code, job.started_at, job.completed_at) == (None, None, LATER)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_no_sequence_of_moves_leaves_a_terminal_status_or_lowers_a_token(names: list[str]) -> None:
    job = PENDING
    for name in names:
        allowed_from, move = MOVES[name]
        if job.status is not allowed_from:
            with pytest.raises(InvalidTransitionError):
                move(job)
            continue
        moved = move(job)
        assert not job.status.terminal
        assert moved.token >= job.token
        assert moved.status.terminal == (moved.completed_at is not None)
        job = moved
