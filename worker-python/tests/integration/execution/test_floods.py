"""A command that writes more than anybody wants to read."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.job import ProcessIdentity

Begun = Callable[..., Awaitable[tuple[GuardedAttempt, list[ProcessIdentity]]]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
Ordered = Callable[..., Command]
Run = Callable[[Command], Awaitable[Outcome]]

MEGABYTE = 1024 * 1024


@pytest.fixture
def executor() -> GuardedExecutor:
    return GuardedExecutor(grace_seconds=0.2, tail_bytes=1000, max_output_bytes=100_000)


@pytest.fixture(name="run")
def _run(executor: GuardedExecutor, marker: str) -> Run:
    async def run(command: Command) -> Outcome:
        return await (await executor.start(command, marker=marker)).wait()

    return run


@pytest.mark.parametrize("kind", ["flood", "endless_line"])
async def test_a_flood_does_not_stall_the_command_and_is_kept_within_bounds(
    run: Run, ordered: Ordered, kind: str
) -> None:
    command = ordered(**{kind: 32 * MEGABYTE}, exit=6)
    outcome = await run(command)
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 6)
    assert outcome.stdout is not None
    assert len(outcome.stdout) == 1000
    kept = _kept(command, "stdout").read_text()
    assert kept.startswith("analyze_fast\n")
    dropped = 32 * MEGABYTE + len("analyze_fast\n") - 100_000
    assert kept[100_000:] == f"\n… {dropped} more bytes were not kept\n"


@pytest.mark.parametrize("kind", ["flood", "endless_line"])
async def test_output_without_end_can_be_stopped(begun: Begun, kind: str) -> None:
    attempt, _ = await begun(**{kind: True})
    attempt.stop(Ending.CANCELLED)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.CANCELLED, -15)


async def test_the_loop_goes_on_while_a_flood_comes_in(
    begun: Begun, eventually: Eventually, tmp_path: Path
) -> None:
    attempt, _ = await begun(flood=True)
    await eventually(lambda: (tmp_path / "output/attempt.stdout.log").stat().st_size >= 100_000)
    attempt.stop(Ending.CANCELLED)
    await attempt.wait()


async def test_both_streams_are_whole_in_their_files(run: Run, ordered: Ordered) -> None:
    command = ordered(stdout="ä\r\n\0é", stderr="x" * 5000)
    outcome = await run(command)
    assert outcome.stdout == "analyze_fast\nä\r\n\0é"
    assert outcome.stderr == "x" * 1000
    assert _kept(command, "stdout").read_bytes() == "analyze_fast\nä\r\n\0é".encode()
    assert _kept(command, "stderr").read_text() == "x" * 5000


async def test_output_can_be_read_while_the_command_runs(
    begun: Begun, eventually: Eventually, tmp_path: Path
) -> None:
    await begun(stdout="so far", delay=1000)
    file = tmp_path / "output/attempt.stdout.log"
    await eventually(lambda: file.read_text().endswith("so far"))


async def test_closed_streams_are_not_the_end(begun: Begun, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    attempt, _ = await begun(close=True, until=str(gate), exit=9)
    gate.touch()
    assert (await attempt.wait()).exit_code == 9


async def test_output_that_cannot_be_kept_costs_a_warning_and_not_the_attempt(
    run: Run, ordered: Ordered, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    outcome = await run(replace(ordered(stdout="out"), output=tmp_path / "file" / "attempt"))
    assert (outcome.exit_code, outcome.stdout) == (0, "analyze_fast\nout")
    warnings = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "is not kept" in warnings[0]


async def test_a_command_without_a_file_keeps_its_tails(run: Run, ordered: Ordered) -> None:
    outcome = await run(replace(ordered(stderr="err"), output=None))
    assert (outcome.stdout, outcome.stderr) == ("analyze_fast\n", "err")


def _kept(command: Command, stream: str) -> Path:
    assert command.output is not None
    return command.output.with_name(f"{command.output.name}.{stream}.log")
