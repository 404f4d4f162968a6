"""What the tests of execution share: orders for the fake deduper, and waiting for conditions."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import identity_of, is_alive, marked
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.job import ProcessIdentity

FAKE_DEDUPER = Path(__file__).parents[2] / "fixtures/fake_deduper/src/main.py"
LIMIT_SECONDS = 20.0

Eventually = Callable[[Callable[[], bool]], Awaitable[None]]


class Ordered(Protocol):
    def __call__(self, *, timeout_seconds: float | None = None, **orders: object) -> Command: ...


class Begun(Protocol):
    async def __call__(
        self, *, timeout_seconds: float | None = None, **orders: object
    ) -> tuple[GuardedAttempt, list[ProcessIdentity]]: ...


@pytest.fixture
def executor() -> GuardedExecutor:
    return GuardedExecutor(grace_seconds=0.2)


@pytest.fixture(name="marker")
async def _marker(eventually: Eventually) -> AsyncIterator[str]:
    """Give a marker, and see after the test that nothing carries it any more."""
    marker = uuid4().hex
    yield marker
    await eventually(lambda: not marked(marker))


@pytest.fixture(name="ordered")
def _ordered(tmp_path: Path) -> Ordered:
    """Return a maker of commands that run the fake deduper with orders."""

    def ordered(*, timeout_seconds: float | None = None, **orders: object) -> Command:
        return Command(
            argv=(sys.executable, "-I", "-S", str(FAKE_DEDUPER), "analyze_fast"),
            environment={"FAKE_DEDUPER": json.dumps(orders)},
            timeout_seconds=timeout_seconds,
            output=tmp_path / "output" / "attempt",
        )

    return ordered


@pytest.fixture(name="begun")
async def _begun(
    executor: GuardedExecutor,
    ordered: Ordered,
    tmp_path: Path,
    marker: str,
    eventually: Eventually,
) -> AsyncIterator[Begun]:
    """Return a starter: gives the attempt and its processes once all of them run."""
    attempts = []

    async def begun(
        *, timeout_seconds: float | None = None, **orders: object
    ) -> tuple[GuardedAttempt, list[ProcessIdentity]]:
        started = tmp_path / "started"
        command = ordered(timeout_seconds=timeout_seconds, started=str(started), **orders)
        attempts.append(await executor.start(command, marker=marker))
        await eventually(started.exists)
        return attempts[-1], identities(started)

    yield begun
    for attempt in attempts:
        attempt.stop(Ending.SHUT_DOWN)
        await attempt.wait()


@pytest.fixture(name="eventually")
def _eventually() -> Eventually:
    """Return a waiter for a condition; fails where it takes longer than anything may."""

    async def eventually(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "waited too long"
            await asyncio.sleep(0.002)

    return eventually


@pytest.fixture
def alive() -> Callable[[list[ProcessIdentity]], list[ProcessIdentity]]:
    """Return a filter that leaves those processes that are alive."""
    return lambda processes: [each for each in processes if is_alive(each)]


def identities(started: Path) -> list[ProcessIdentity]:
    pids = map(int, started.read_text().split())
    return [found for pid in pids if (found := identity_of(pid)) is not None]
