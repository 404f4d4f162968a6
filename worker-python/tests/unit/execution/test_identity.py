"""Who has a pid, and who carries a marker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_mock import MockerFixture

from worker_python.execution import identity
from worker_python.execution.identity import (
    MARKER_VARIABLE,
    boot_id,
    identity_of,
    is_alive,
    marked,
)

Started = Callable[..., subprocess.Popen[bytes]]

PAUSE = "import signal; signal.pause()"
AND_A_CHILD_THAT_FORGOT_ITS_MARKER = """
import subprocess
child = subprocess.Popen(["sleep", "1000"], env={})
print(child.pid, flush=True)
child.wait()
"""


@pytest.fixture(name="marker")
def _marker() -> str:
    return uuid4().hex


@pytest.fixture(name="started")
def _started(marker: str) -> Iterator[Started]:
    """Return a starter of processes that carry the marker; they are killed after the test."""
    with ExitStack() as processes:

        def started(*argv: str) -> subprocess.Popen[bytes]:
            environment = {**os.environ, MARKER_VARIABLE: marker}
            process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE)
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield started


def test_a_process_is_itself() -> None:
    me = identity_of(os.getpid())
    assert me is not None
    assert is_alive(me)
    assert me == identity_of(os.getpid())
    assert me.boot_id == boot_id() != ""


def test_another_start_or_boot_is_another_process() -> None:
    me = identity_of(os.getpid())
    assert me is not None
    assert not is_alive(replace(me, start_time=me.start_time - 1))
    assert not is_alive(replace(me, boot_id="another"))


def test_a_zombie_is_dead(started: Started) -> None:
    process = started("sleep", "1000")
    before = identity_of(process.pid)
    assert before is not None
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert Path("/proc", str(process.pid)).exists()
    assert identity_of(process.pid) is None
    assert not is_alive(before)


def test_nobody_has_a_pid_that_is_too_large() -> None:
    assert identity_of(2**22 + 1) is None


def test_a_name_with_parentheses_and_spaces_does_not_confuse(
    started: Started, tmp_path: Path
) -> None:
    odd = tmp_path / "a) Z 1 (b"
    odd.symlink_to(sys.executable)
    process = started(str(odd), "-c", "print(1, flush=True); " + PAUSE)
    assert process.stdout is not None
    process.stdout.readline()
    assert "a) Z 1 (b" in Path(f"/proc/{process.pid}/stat").read_text()
    found = identity_of(process.pid)
    assert found is not None
    assert found.start_time > 0


def test_a_marker_finds_those_that_carry_it(started: Started, marker: str) -> None:
    pids = {started("sleep", "1000").pid for _ in range(3)}
    assert {found.pid for found in marked(marker)} == pids


def test_a_marker_finds_children_that_do_not_carry_it(started: Started, marker: str) -> None:
    parent = started(sys.executable, "-c", AND_A_CHILD_THAT_FORGOT_ITS_MARKER)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    found = {each.pid for each in marked(marker)}
    os.kill(child, signal.SIGKILL)
    assert found == {parent.pid, child}


def test_a_process_that_has_only_just_begun_its_program_is_found(
    started: Started, marker: str
) -> None:
    for _ in range(10):
        process = started("sleep", "1000")
        assert process.pid in {found.pid for found in marked(marker)}


def test_a_process_between_two_programs_is_looked_at_again(
    tmp_path: Path, marker: str, mocker: MockerFixture
) -> None:
    process = tmp_path / "123"
    process.mkdir()
    (process / "stat").write_text(f"123 (new one) R 1 {'0 ' * 17}456")
    (process / "environ").touch()
    (process / "cmdline").touch()
    mocker.patch.object(identity, "PROC", tmp_path)
    mocker.patch(
        "time.sleep",
        side_effect=lambda _: (process / "environ").write_text(f"{MARKER_VARIABLE}={marker}"),
    )
    assert [(found.pid, found.start_time) for found in marked(marker)] == [(123, 456)]


def test_who_ends_while_it_is_looked_at_may_have_forked_before(
    started: Started, marker: str, mocker: MockerFixture
) -> None:
    pid = started("sleep", "1000").pid
    ended_then_found = [None, identity_of(pid)]
    mocker.patch.object(identity, "identity_of", side_effect=ended_then_found)
    assert [found.pid for found in marked(marker)] == [pid]


def test_a_part_of_a_marker_finds_nobody(started: Started, marker: str) -> None:
    started("sleep", "1000")
    assert not marked(marker[:-1])
    assert not marked("")


def test_an_argument_is_not_a_marker(started: Started) -> None:
    started(sys.executable, "-c", PAUSE, f"{MARKER_VARIABLE}=other")
    assert not marked("other")


def test_where_there_is_no_proc_nobody_is_found(mocker: MockerFixture, tmp_path: Path) -> None:
    mocker.patch.object(identity, "PROC", tmp_path / "nothing")
    boot_id.cache_clear()
    assert boot_id() == ""
    boot_id.cache_clear()
    assert identity_of(os.getpid()) is None
    assert not marked("anything")
