"""The guard alone, as a script between two pipes."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pytest

from worker_python.execution import guard

# Not as a script: only so is what it runs seen by coverage.
RUN = "import sys; from worker_python.execution import guard; sys.exit(guard.main(sys.argv[1:]))"


@dataclass
class Guarded:
    """A guard that was started, with the ends of its pipes."""

    process: subprocess.Popen[bytes]
    lifeline: BinaryIO
    report: BinaryIO
    heard: list[str] = field(default_factory=list)

    def hear(self) -> str:
        self.heard.append(self.report.readline().decode().strip())
        return self.heard[-1]

    def end(self) -> tuple[list[str], int]:
        self.heard += self.report.read().decode().splitlines()
        return self.heard, self.process.wait()


GuardOf = Callable[..., Guarded]


@pytest.fixture(name="guard_of")
def _guard_of() -> Iterator[GuardOf]:
    """Return a starter of guards; what they guard ends with the test."""
    with ExitStack() as stack:

        def guard_of(
            *argv: str, parent: int | None = None, grace: float = 20, run: str = RUN
        ) -> Guarded:
            lifeline, report = os.pipe(), os.pipe()
            options = [str(report[1]), str(parent or os.getpid()), str(grace)]
            process = subprocess.Popen(
                [sys.executable, "-c", run, *options, *argv],
                stdin=lifeline[0],
                stdout=subprocess.PIPE,
                pass_fds=[report[1]],
                start_new_session=True,
            )
            os.close(lifeline[0])
            os.close(report[1])
            stack.enter_context(process)
            return Guarded(
                process,
                stack.enter_context(os.fdopen(lifeline[1], "wb", buffering=0)),
                stack.enter_context(os.fdopen(report[0], "rb")),
            )

        yield guard_of


@pytest.fixture(name="gate")
def _gate(tmp_path: Path) -> Path:
    """Give a FIFO: `cat` of it ends when something was written to it."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    return gate


@pytest.mark.parametrize("code", [0, 3])
def test_it_tells_the_exit_code(guard_of: GuardOf, code: int) -> None:
    told, guard_code = guard_of("sh", "-c", f"exit {code}").end()
    assert [line.split()[0] for line in told] == ["started", "exited"]
    assert told[-1] == f"exited {code}"
    assert guard_code == 0


def test_it_tells_a_signal_as_a_negative_code(guard_of: GuardOf) -> None:
    assert guard_of("sh", "-c", "kill -9 $$").end()[0][-1] == "exited -9"


def test_it_tells_why_the_kernel_refused(guard_of: GuardOf) -> None:
    assert guard_of("/nowhere").end() == (["failed 2"], 0)


def test_the_pid_it_tells_leads_a_session(guard_of: GuardOf) -> None:
    guarded = guard_of("sleep", "1000")
    pid = int(guarded.hear().removeprefix("started "))
    assert os.getsid(pid) == pid
    guarded.lifeline.close()


@pytest.mark.parametrize("how", ["byte", "end of file", "SIGTERM", "SIGINT", "SIGHUP"])
def test_it_ends_when_it_is_asked(guard_of: GuardOf, how: str) -> None:
    guarded = guard_of("sleep", "1000")
    guarded.hear()
    if how == "byte":
        guarded.lifeline.write(b".")
    elif how == "end of file":
        guarded.lifeline.close()
    else:
        guarded.process.send_signal(signal.Signals[how])
    told, guard_code = guarded.end()
    assert (told[-1], guard_code) == ("exited -15", 0)


def test_it_does_not_start_what_should_end(guard_of: GuardOf, gate: Path) -> None:
    guarded = guard_of("sleep", "1000", run=behind(gate))
    guarded.lifeline.close()
    gate.write_text("opened")
    assert guarded.end() == ([], 0)


def test_it_ends_what_nobody_hears_of(guard_of: GuardOf, gate: Path) -> None:
    guarded = guard_of("sleep", "1000", run=behind(gate))
    guarded.report.close()
    gate.write_text("opened")
    assert guarded.process.wait() == 0


def test_it_starts_nothing_for_another_parent(guard_of: GuardOf) -> None:
    assert guard_of("sleep", "1000", parent=1).end() == ([], 0)


def test_the_death_signal_alone_is_not_believed(guard_of: GuardOf, gate: Path) -> None:
    guarded = guard_of("cat", str(gate))
    guarded.hear()
    guarded.process.send_signal(signal.SIGUSR1)
    gate.write_text("opened")
    assert guarded.end()[0][-1] == "exited 0"


def test_the_end_of_the_thread_that_started_it_is_not_the_end_of_the_service(
    guard_of: GuardOf, gate: Path
) -> None:
    started: list[Guarded] = []
    thread = threading.Thread(target=lambda: started.append(guard_of("cat", str(gate))))
    thread.start()
    while not started:
        thread.join(0.01)
    started[0].hear()
    thread.join()
    while Path(f"/proc/self/task/{thread.native_id}").exists():
        os.sched_yield()
    gate.write_text("opened")
    told, _ = started[0].end()
    assert told[-1] == "exited 0"


def test_a_deaf_tree_is_killed_after_the_grace(guard_of: GuardOf) -> None:
    deaf = "trap '' TERM; setsid sh -c 'while :; do sleep 1000; done' & while :; do sleep 1; done"
    guarded = guard_of("bash", "-c", deaf, grace=0.05)
    guarded.hear()
    guarded.lifeline.close()
    told, guard_code = guarded.end()
    assert told[-1] in {"exited -9", "exited -15"}, "-15 where it had not become deaf yet"
    assert guard_code == 0


def test_where_children_are_not_listed_the_commands_group_is_taken_down(guard_of: GuardOf) -> None:
    blind = RUN.replace("sys.exit", "guard.LISTS_CHILDREN = False; sys.exit")
    guarded = guard_of("sh", "-c", "sleep 1000 & sleep 1000; :", run=blind)
    guarded.hear()
    guarded.lifeline.close()
    assert guarded.end() == ([guarded.heard[0], "exited -15"], 0)


def test_it_imports_nothing_that_costs() -> None:
    tree = ast.parse(Path(guard.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported == {"_ctypes", "_signal", "posix", "select", "sys", "time"}


def behind(gate: Path) -> str:
    """Run a guard that begins when something is written to a FIFO."""
    return f"open({str(gate)!r}).read(); {RUN}"
