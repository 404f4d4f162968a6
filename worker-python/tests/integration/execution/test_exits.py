"""A command that ends by itself, or cannot begin."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import identity_of
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.ports import AttemptNotStartedError

Ordered = Callable[..., Command]
Run = Callable[[Command], Awaitable[Outcome]]


@pytest.fixture(name="run")
def _run(executor: GuardedExecutor, marker: str) -> Run:
    async def run(command: Command) -> Outcome:
        return await (await executor.start(command, marker=marker)).wait()

    return run


@pytest.mark.parametrize("code", [0, 1, 2, 255])
async def test_the_exit_code_is_the_commands(run: Run, ordered: Ordered, code: int) -> None:
    outcome = await run(ordered(exit=code, stdout="out", stderr="err"))
    assert outcome.ending is Ending.EXITED
    assert outcome.exit_code == code
    assert outcome.stdout == "analyze_fast\nout"
    assert outcome.stderr == "err"
    assert outcome.error is None
    assert outcome.seconds > 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
async def test_a_command_that_died_of_a_signal_has_a_negative_code(
    run: Run, ordered: Ordered, number: signal.Signals
) -> None:
    outcome = await run(ordered(signal=number))
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, -number)


async def test_a_missing_script_is_the_interpreters_exit_code_two(run: Run) -> None:
    outcome = await run(Command(argv=(sys.executable, "/nowhere/main.py")))
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 2)
    assert "/nowhere/main.py" in (outcome.stderr or "")


async def test_the_child_sees_exactly_the_given_environment_and_the_marker(
    run: Run, ordered: Ordered, marker: str, tmp_path: Path
) -> None:
    command = ordered(environment=str(tmp_path / "seen"))
    given = {**command.environment, "PYTHONCOERCECLOCALE": "0", "A": "ä=b\nc", "PYTHONPATH": "/x"}
    argv = (sys.executable, "-S", *command.argv[3:])
    await run(replace(command, argv=argv, environment=given))
    assert json.loads((tmp_path / "seen").read_text()) == {**given, "WORKER_ATTEMPT_MARKER": marker}


async def test_the_child_has_the_working_directory_and_no_descriptor_of_ours(
    run: Run, tmp_path: Path
) -> None:
    script = "import os; print(os.getcwd(), *sorted(os.listdir('/proc/self/fd')))"
    argv = (sys.executable, "-I", "-c", script)
    outcome = await run(Command(argv=argv, working_directory=tmp_path))
    assert outcome.stdout == f"{tmp_path} 0 1 2 3\n", "3 is the listing's own"


async def test_the_child_begins_with_signals_as_they_are_by_default(run: Run) -> None:
    argv = ("/bin/sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status")
    outcome = await run(Command(argv=argv, environment={"PATH": os.environ["PATH"]}))
    masks = dict(line.split(":\t") for line in (outcome.stdout or "").splitlines())
    assert masks["SigBlk"] == "0" * 16
    assert int(masks["SigIgn"], 16) & (1 << signal.SIGPIPE - 1) == 0


async def test_the_guard_is_in_no_session_where_ctrl_c_could_reach_it(
    executor: GuardedExecutor, ordered: Ordered, marker: str
) -> None:
    attempt = await executor.start(ordered(delay=600), marker=marker)
    assert os.getsid(attempt.process.pid) == attempt.process.pid
    attempt.stop(Ending.CANCELLED)
    await attempt.wait()


async def test_what_a_command_leaves_behind_is_taken_down_with_it(
    run: Run, ordered: Ordered, tmp_path: Path
) -> None:
    outcome = await run(ordered(forks=2, double_fork=True, exit=7, started=str(tmp_path / "pids")))
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 7)
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 4
    assert not [pid for pid in pids if identity_of(int(pid))]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (Command(argv=()), "empty"),
        (Command(argv=("/nowhere/bin/python", "main.py")), "/nowhere/bin/python does not exist"),
        (Command(argv=("/etc/passwd",)), "/etc/passwd is not an executable file"),
        (Command(argv=("/etc",)), "/etc is not an executable file"),
        (Command(argv=("no-such-word",)), "no-such-word is not on the command's PATH"),
        (Command(argv=("true",), environment={"PATH": "/nowhere"}), "PATH"),
        (Command(argv=("/bin/true",), working_directory=Path("/nowhere")), "directory /nowhere"),
        (Command(argv=("/bin/echo", "a\0b")), "null byte"),
        (Command(argv=("/bin/echo", "a" * 3_000_000)), "Argument list too long"),
        (Command(argv=("/" + "a" * 300,)), "File name too long"),
    ],
)
async def test_a_command_that_cannot_begin_says_why(
    executor: GuardedExecutor, command: Command, message: str
) -> None:
    descriptors = _open_descriptors()
    with pytest.raises(AttemptNotStartedError, match=message):
        await executor.start(command, marker="never")
    assert _open_descriptors() == descriptors


async def test_what_only_the_kernel_refuses_is_told_by_the_guard(
    executor: GuardedExecutor, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nowhere/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(AttemptNotStartedError, match=r"script: No such file or directory"):
        await executor.start(Command(argv=(str(script),)), marker="never")


async def test_a_guard_that_cannot_run_is_no_attempt() -> None:
    executor = GuardedExecutor(interpreter=Path("/nowhere/python"))
    with pytest.raises(AttemptNotStartedError, match="/nowhere/python"):
        await executor.start(Command(argv=("/bin/true",)), marker="never")


async def test_a_guard_that_fails_is_no_attempt_and_its_words_are_passed_on(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(AttemptNotStartedError, match="out of order"):
        await GuardedExecutor(interpreter=broken).start(
            Command(argv=("/bin/true",)), marker="never"
        )


def test_where_less_can_be_promised_one_warning_says_so(
    mocker: MockerFixture, caplog: pytest.LogCaptureFixture
) -> None:
    mocker.patch.object(sys, "platform", "freebsd14")
    GuardedExecutor()
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert "not on Linux" in caplog.text


async def test_several_may_wait(executor: GuardedExecutor, ordered: Ordered, marker: str) -> None:
    attempt = await executor.start(ordered(exit=4), marker=marker)
    assert await attempt.wait() == await attempt.wait()


async def test_nothing_is_left_open(run: Run, ordered: Ordered) -> None:
    await run(ordered())
    before = _open_descriptors()
    for _ in range(3):
        await run(ordered(stdout="x" * 1000))
    assert _open_descriptors() == before


def _open_descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())
