"""A command that is asked to end: by a cancel, a timeout, a shutdown."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from worker_python.execution import watch
from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import marked
from worker_python.execution.launch import launch
from worker_python.execution.watch import Limits
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.job import ProcessIdentity
from worker_python.jobs.ports import AttemptNotStartedError

Begun = Callable[..., Awaitable[tuple[GuardedAttempt, list[ProcessIdentity]]]]
Alive = Callable[[list[ProcessIdentity]], list[ProcessIdentity]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
Ordered = Callable[..., Command]

LONG = 1000
PYTHON = Path(sys.executable)
TERMINATED, KILLED = -15, -9


async def test_a_command_that_obeys_is_terminated(begun: Begun, alive: Alive) -> None:
    attempt, processes = await begun(delay=LONG)
    attempt.stop(Ending.CANCELLED)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.CANCELLED, TERMINATED)
    assert outcome.stdout == "analyze_fast\n"
    assert not alive([*processes, attempt.process])


async def test_a_command_that_is_deaf_is_killed(begun: Begun, alive: Alive) -> None:
    attempt, processes = await begun(delay=LONG, deaf=True)
    attempt.stop(Ending.SHUT_DOWN)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.SHUT_DOWN, KILLED)
    assert outcome.seconds >= 0.2
    assert not alive(processes)


@pytest.mark.parametrize("deaf", [False, True])
async def test_no_descendant_survives(begun: Begun, alive: Alive, deaf: bool) -> None:  # noqa: FBT001 - a parameter of the test
    attempt, processes = await begun(delay=LONG, forks=40, double_fork=True, deaf=deaf)
    assert len(alive(processes)) == 42
    attempt.stop(Ending.CANCELLED)
    await attempt.wait()
    assert not alive(processes)


async def test_a_fork_bomb_is_stopped_while_it_grows(
    begun: Begun, eventually: Eventually, marker: str
) -> None:
    attempt, _ = await begun(delay=LONG, bomb=9, deaf=True)
    await eventually(lambda: len(marked(marker)) > 20)
    attempt.stop(Ending.CANCELLED)
    assert (await attempt.wait()).ending is Ending.CANCELLED
    assert not marked(marker)


async def test_a_grandchild_without_any_tie_does_not_survive(begun: Begun, alive: Alive) -> None:
    attempt, processes = await begun(delay=LONG, double_fork=True, bare=True)
    attempt.stop(Ending.CANCELLED)
    await attempt.wait()
    assert not alive(processes)


@pytest.mark.parametrize("hop_session", [False, True])
async def test_a_process_that_keeps_moving_on_is_caught(
    executor: GuardedExecutor,
    ordered: Ordered,
    marker: str,
    hop_session: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    command = ordered(hops=1_000_000, hop_session=hop_session, deaf=True)
    attempt = await executor.start(command, marker=marker)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 0)


async def test_a_stopped_process_is_woken_to_hear_of_its_end(
    begun: Begun, eventually: Eventually
) -> None:
    attempt, processes = await begun(signal=signal.SIGSTOP)
    stat = Path(f"/proc/{processes[0].pid}/stat")
    await eventually(lambda: stat.read_text().split()[2] == "T")
    attempt.stop(Ending.CANCELLED)
    assert (await attempt.wait()).exit_code == TERMINATED


async def test_a_timeout_says_how_long_it_waited(begun: Begun, alive: Alive) -> None:
    attempt, processes = await begun(delay=LONG, forks=1, timeout_seconds=0.3)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.TIMED_OUT, TERMINATED)
    assert outcome.error == "timed out after 0.3 seconds"
    assert not alive(processes)


async def test_a_timeout_that_was_not_needed_is_forgotten(begun: Begun) -> None:
    attempt, _ = await begun(timeout_seconds=LONG)
    assert (await attempt.wait()).ending is Ending.EXITED


async def test_the_first_of_ten_reasons_is_kept(begun: Begun) -> None:
    attempt, _ = await begun(delay=LONG, deaf=True)
    attempt.stop(Ending.CANCELLED)
    for _ in range(9):
        attempt.stop(Ending.SHUT_DOWN)
    outcomes = await asyncio.gather(*(attempt.wait() for _ in range(10)))
    assert {(each.ending, each.exit_code) for each in outcomes} == {(Ending.CANCELLED, KILLED)}


async def test_a_stop_after_the_end_changes_nothing(begun: Begun) -> None:
    attempt, _ = await begun(exit=3)
    before = await attempt.wait()
    attempt.stop(Ending.CANCELLED)
    assert await attempt.wait() is before
    assert (before.ending, before.exit_code) == (Ending.EXITED, 3)


async def test_a_stop_that_meets_the_exit_has_one_clear_ending(
    executor: GuardedExecutor, ordered: Ordered, marker: str
) -> None:
    possible = {(Ending.EXITED, 0), (Ending.CANCELLED, 0), (Ending.CANCELLED, TERMINATED)}
    seen = set()
    for step in range(16):
        attempt = await executor.start(ordered(), marker=marker)
        await asyncio.sleep(0.003 * step)
        attempt.stop(Ending.CANCELLED)
        outcome = await attempt.wait()
        seen.add((outcome.ending, outcome.exit_code))
    assert seen <= possible


async def test_an_exit_that_was_seen_first_stays_one_while_the_rest_is_swept(
    begun: Begun, alive: Alive, eventually: Eventually
) -> None:
    attempt, processes = await begun(deaf=True, forks=1, exit=5)
    await eventually(lambda: attempt._exit_code is not None)
    attempt.stop(Ending.CANCELLED)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 5)
    assert not alive(processes)


async def test_an_attempt_that_cannot_be_followed_is_taken_down_and_says_so(
    ordered: Ordered, marker: str, mocker: MockerFixture
) -> None:
    mocker.patch.object(watch, "pump", side_effect=OSError("no more descriptors"))
    command = ordered(delay=LONG, deaf=True, double_fork=True)
    launched = launch(command, marker=marker, interpreter=PYTHON, grace_seconds=0.2)
    attempt = GuardedAttempt(launched, command)
    attempt.follow(marker=marker, limits=Limits(0.2, 1, 1))
    with pytest.raises(AttemptNotStartedError, match="no more descriptors"):
        await attempt.started()
    outcome = await attempt.wait()
    assert outcome.ending is Ending.LOST
    assert outcome.error == "the guard cannot be followed: no more descriptors"
    assert not marked(marker)
    attempt.stop(Ending.CANCELLED)
    assert (await attempt.wait()).ending is Ending.LOST


async def test_a_start_that_is_cancelled_leaves_nothing(
    executor: GuardedExecutor, ordered: Ordered, marker: str
) -> None:
    starting = asyncio.create_task(executor.start(ordered(delay=LONG), marker=marker))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not marked(marker)


async def test_a_waiter_that_is_cancelled_does_not_harm_the_attempt(begun: Begun) -> None:
    attempt, _ = await begun(delay=LONG)
    waiter = asyncio.create_task(attempt.wait())
    await asyncio.sleep(0)
    waiter.cancel()
    attempt.stop(Ending.CANCELLED)
    assert (await attempt.wait()).ending is Ending.CANCELLED
