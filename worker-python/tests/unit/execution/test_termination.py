"""Taking down processes that are not our children."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from worker_python.execution.identity import identity_of, is_alive
from worker_python.execution.termination import end, take_down, take_down_guard
from worker_python.jobs.job import ProcessIdentity

Started = Callable[..., tuple[ProcessIdentity, subprocess.Popen[bytes]]]

DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
while True:
    signal.pause()
"""


@pytest.fixture(name="started")
def _started() -> Iterator[Started]:
    with ExitStack() as processes:

        def started(*argv: str) -> tuple[ProcessIdentity, subprocess.Popen[bytes]]:
            process = subprocess.Popen(argv or ("sleep", "1000"), stdout=subprocess.PIPE)
            processes.enter_context(process)
            processes.callback(process.kill)
            found = identity_of(process.pid)
            assert found is not None
            return found, process

        yield started


@pytest.fixture(name="deaf")
def _deaf(started: Started) -> tuple[ProcessIdentity, subprocess.Popen[bytes]]:
    found, process = started(sys.executable, "-c", DEAF)
    assert process.stdout is not None
    process.stdout.readline()
    return found, process


def test_who_obeys_is_not_killed(started: Started) -> None:
    found, process = started()
    assert take_down(lambda: [found] if is_alive(found) else [], grace_seconds=20)
    assert process.wait() == -signal.SIGTERM


def test_who_does_not_is(
    deaf: tuple[ProcessIdentity, subprocess.Popen[bytes]], started: Started
) -> None:
    obeying, processes = started(), []
    for found, process in (deaf, obeying):
        processes.append((found, process))
    assert take_down(
        lambda: [found for found, _ in processes if is_alive(found)], grace_seconds=0.05
    )
    assert deaf[1].wait() == -signal.SIGKILL
    assert obeying[1].wait() == -signal.SIGTERM


def test_what_appears_meanwhile_is_killed_too(started: Started) -> None:
    late: list[tuple[ProcessIdentity, subprocess.Popen[bytes]]] = []

    def search() -> list[ProcessIdentity]:
        if len(late) < 3:
            late.append(started())
        return [found for found, _ in late if is_alive(found)]

    assert take_down(search, grace_seconds=20)
    assert [process.wait() for _, process in late] == [-15, -9, -9]


def test_nothing_to_do_is_said() -> None:
    assert not take_down(list, grace_seconds=20)


def test_a_stranger_with_the_same_pid_is_not_hit(started: Started) -> None:
    found, process = started()
    before = replace(found, start_time=found.start_time - 1)
    end([before], signal.SIGKILL, limit_seconds=None)
    assert not take_down_guard(before, grace_seconds=0)
    assert process.poll() is None


def test_who_is_gone_already_is_no_hindrance(started: Started) -> None:
    found, process = started()
    process.kill()
    process.wait()
    end([found], signal.SIGKILL, limit_seconds=None)
    assert not take_down_guard(found, grace_seconds=20)


def test_no_descriptor_is_left_open(started: Started) -> None:
    found, _ = started()
    before = _open_descriptors()
    end([found], signal.SIGKILL, limit_seconds=None)
    assert _open_descriptors() == before


def _open_descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())
