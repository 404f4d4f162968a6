"""The service is killed, or the guard is: nothing may be left, and nobody else may be hit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import MARKER_VARIABLE, identity_of, is_alive, marked
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.job import ProcessIdentity

Begun = Callable[..., Awaitable[tuple[GuardedAttempt, list[ProcessIdentity]]]]
Alive = Callable[[list[ProcessIdentity]], list[ProcessIdentity]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
Ordered = Callable[..., Command]
Served = Callable[..., subprocess.Popen[bytes]]
Bystander = Callable[..., ProcessIdentity]

LONG = 1000
PAUSE = "import signal; signal.pause()"

SERVICE = """
import asyncio, os, sys, time
from pathlib import Path
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command

async def serve(marker, *argv):
    command = Command(argv=argv, environment={"FAKE_DEDUPER": os.environ["FAKE_DEDUPER"]})
    attempt = await GuardedExecutor(grace_seconds=0.2).start(command, marker=marker)
    leak = os.environ.get("LEAK")
    if leak and os.fork() == 0:
        Path(leak).write_text(str(os.getpid()))
        time.sleep(1000)
    await attempt.wait()

asyncio.run(serve(*sys.argv[1:]))
"""

SERVICE_THAT_DIES_AT_ONCE = """
import os, signal, sys
from pathlib import Path
from worker_python.execution.launch import launch
from worker_python.jobs.attempt import Command

marker, *argv = sys.argv[1:]
launch(Command(argv=tuple(argv)), marker=marker, interpreter=Path(sys.executable), grace_seconds=1)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(name="served")
def _served(marker: str) -> Iterator[Served]:
    """Return a starter of services, each a process that runs one attempt."""
    with ExitStack() as services:

        def served(
            command: Command, *, script: str = SERVICE, **environment: str
        ) -> subprocess.Popen[bytes]:
            service = subprocess.Popen(
                [sys.executable, "-c", script, marker, *command.argv],
                env={**os.environ, **command.environment, **environment},
            )
            services.enter_context(service)
            services.callback(service.kill)
            return service

        yield served


@pytest.fixture(name="bystander")
def _bystander() -> Iterator[Bystander]:
    """Return a starter of processes that belong to no executor."""
    with ExitStack() as processes:

        def bystander(*argv: str, environment: dict[str, str] | None = None) -> ProcessIdentity:
            process = subprocess.Popen(argv or ("sleep", "1000"), env=environment)
            processes.enter_context(process)
            processes.callback(process.kill)
            identity = identity_of(process.pid)
            assert identity is not None
            return identity

        yield bystander


@pytest.mark.parametrize("deaf", [False, True])
async def test_nothing_outlives_a_killed_service(
    served: Served,
    ordered: Ordered,
    eventually: Eventually,
    alive: Alive,
    marker: str,
    tmp_path: Path,
    deaf: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    started = tmp_path / "started"
    orders = {"started": str(started), "forks": 3, "double_fork": True, "flood": True}
    service = served(ordered(**orders, deaf=deaf))
    await eventually(started.exists)
    processes = _identities(started)
    assert len(processes) == 5
    service.kill()
    await eventually(lambda: not alive(processes))
    await eventually(lambda: not marked(marker))


async def test_a_service_that_dies_before_its_guard_is_up_leaves_nothing(
    served: Served, ordered: Ordered, eventually: Eventually, marker: str
) -> None:
    service = served(ordered(delay=LONG), script=SERVICE_THAT_DIES_AT_ONCE)
    await eventually(lambda: service.poll() is not None)
    await eventually(lambda: not marked(marker))


async def test_a_lifeline_that_leaked_into_another_process_is_no_hindrance(
    served: Served, ordered: Ordered, eventually: Eventually, alive: Alive, tmp_path: Path
) -> None:
    started, leak = tmp_path / "started", tmp_path / "leak"
    service = served(ordered(started=str(started), delay=LONG), LEAK=str(leak))
    await eventually(lambda: started.exists() and leak.exists() and leak.read_text() != "")
    processes, keeper = _identities(started), int(leak.read_text())
    service.kill()
    await eventually(lambda: not alive(processes))
    assert identity_of(keeper) is not None
    os.kill(keeper, signal.SIGKILL)


async def test_a_killed_guard_is_noticed_and_its_tree_taken_down(
    begun: Begun, alive: Alive
) -> None:
    attempt, processes = await begun(delay=LONG, forks=2, double_fork=True, deaf=True)
    os.kill(attempt.process.pid, signal.SIGKILL)
    outcome = await attempt.wait()
    assert (outcome.ending, outcome.exit_code) == (Ending.LOST, None)
    assert outcome.error == "its guard was killed (-9); what it left was taken down"
    assert outcome.stdout == "analyze_fast\n"
    assert not alive(processes)


async def test_a_cancel_stays_one_where_the_guard_is_killed_meanwhile(
    begun: Begun, alive: Alive
) -> None:
    attempt, processes = await begun(delay=LONG, deaf=True)
    os.kill(attempt.process.pid, signal.SIGSTOP)
    attempt.stop(Ending.CANCELLED)
    os.kill(attempt.process.pid, signal.SIGKILL)
    assert (await attempt.wait()).ending is Ending.CANCELLED
    assert not alive(processes)


async def test_recovery_asks_the_guard(
    executor: GuardedExecutor, begun: Begun, alive: Alive, marker: str
) -> None:
    attempt, processes = await begun(delay=LONG, double_fork=True, bare=True)
    assert await executor.recover(attempt.process, marker=marker)
    assert not alive([*processes, attempt.process])
    assert (await attempt.wait()).exit_code == -signal.SIGTERM


async def test_recovery_knows_a_guard_without_its_marker(
    executor: GuardedExecutor, begun: Begun, alive: Alive
) -> None:
    attempt, processes = await begun(delay=LONG)
    assert await executor.recover(attempt.process, marker="another")
    assert not alive([*processes, attempt.process])


async def test_recovery_does_not_wait_for_a_guard_that_hangs(
    executor: GuardedExecutor, begun: Begun, alive: Alive, marker: str
) -> None:
    attempt, processes = await begun(delay=LONG, forks=2, deaf=True)
    os.kill(attempt.process.pid, signal.SIGSTOP)
    assert await executor.recover(attempt.process, marker=marker)
    assert not alive([*processes, attempt.process])


@pytest.mark.parametrize("deaf", [False, True])
async def test_recovery_finds_by_its_marker_what_was_never_written_down(
    executor: GuardedExecutor,
    begun: Begun,
    alive: Alive,
    marker: str,
    deaf: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    attempt, processes = await begun(delay=LONG, forks=2, double_fork=True, deaf=deaf)
    assert await executor.recover(None, marker=marker)
    assert not alive([*processes, attempt.process])


async def test_recovery_finds_what_no_guard_looks_after(
    executor: GuardedExecutor, bystander: Bystander, marker: str
) -> None:
    orphan = bystander(environment={**os.environ, MARKER_VARIABLE: marker})
    assert await executor.recover(None, marker=marker)
    assert not is_alive(orphan)
    assert not await executor.recover(None, marker=marker)


async def test_recovery_leaves_strangers_alone(
    executor: GuardedExecutor, bystander: Bystander, marker: str
) -> None:
    reused = bystander()
    near = bystander(environment={**os.environ, MARKER_VARIABLE: marker + "0"})
    bare = bystander(environment={**os.environ, MARKER_VARIABLE: ""})
    argument = bystander(sys.executable, "-c", PAUSE, f"{MARKER_VARIABLE}={marker}")
    assert not await executor.recover(replace(reused, start_time=1), marker=marker)
    assert not await executor.recover(replace(reused, boot_id="another"), marker=marker)
    assert not await executor.recover(None, marker="")
    assert all(map(is_alive, (reused, near, bare, argument)))


def _identities(started: Path) -> list[ProcessIdentity]:
    pids = map(int, started.read_text().split())
    return [found for pid in pids if (found := identity_of(pid)) is not None]
