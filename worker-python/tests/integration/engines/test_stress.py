"""Whatever is asked at once, and whoever goes away: one deduper at a time, and every stop heard."""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker_python.engines.local import LocalEngine, LocalOptions, Retry
from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import is_alive
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import JobNotCancellableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.sqlite import SqliteJobStore

pytestmark = pytest.mark.slow
WITNESS = Path(__file__).parents[2] / "fixtures/witness_deduper/src/main.py"
CALLERS, STEPS, LONGEST_PAUSE_SECONDS = 5, 25, 0.1
QUICK = 1000
"""Reports below end at once; the others only when they are stopped."""


@dataclass(slots=True)
class Crowd:
    """Callers that ask at random; some do not wait for the answer."""

    engine: LocalEngine
    store: SqliteJobStore
    folder: Path
    chance: random.Random
    submitted: int = 0

    async def call(self) -> None:
        """Ask for something, so many times."""
        actions = [self.submit, self.cancel, self.kill_a_guard, self.clear]
        for _ in range(STEPS):
            await asyncio.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            action = self.chance.choices(actions, [15, 8, 4, 1])[0]
            patience = self.chance.choice([0.0, 0.01, 60.0, 60.0])
            try:
                async with asyncio.timeout(patience):
                    await action()
            except TimeoutError:
                assert patience < 1, f"{action.__name__} had no end"

    async def submit(self) -> None:
        self.submitted += 1
        report_id = self.chance.choice([0, QUICK]) + self.submitted
        await self.engine.submit(NewJob(datetime.now(UTC), report_id=report_id))

    async def cancel(self) -> None:
        found = await self.store.with_status(JobStatus.RUNNING, JobStatus.PENDING)
        if not found:
            return
        try:
            await self.engine.cancel(self.chance.choice(found[:4]).id)
        except JobNotCancellableError as error:
            if not error.status.terminal:  # it runs, and nobody can stop it
                raise

    async def clear(self) -> None:
        async with self.engine.quiet() as quiet:
            await quiet.run(command("clear_table", self.folder))

    async def kill_a_guard(self) -> None:
        """Lose an attempt: its job goes back in line."""
        for job in await self.store.with_status(JobStatus.RUNNING):
            if job.process is not None and is_alive(job.process):
                os.kill(job.process.pid, signal.SIGKILL)


@pytest.fixture(params=[1, 3], ids=lambda most: f"{most}-at-once")
async def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Crowd]:
    store = SqliteJobStore(tmp_path / "jobs.db")
    await store.open()
    engine = LocalEngine(
        store,
        GuardedExecutor(grace_seconds=5),
        lambda job: command_for(job, tmp_path),
        lambda: datetime.now(UTC),
        options=LocalOptions(request.param, 0, Retry(lost_jobs=True, attempts_at_most=10**6)),
    )
    await engine.start()
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  # pytest shows it where the test fails
    yield Crowd(engine, store, tmp_path, random.Random(seed))
    await engine.stop()
    await store.close()


async def test_one_deduper_at_a_time_and_every_stop_is_heard(
    crowd: Crowd, request: pytest.FixtureRequest
) -> None:
    await asyncio.gather(*(crowd.call() for _ in range(CALLERS)))
    async with crowd.engine.quiet():
        assert await crowd.store.with_status(JobStatus.RUNNING) == []
        assert crowd.engine.active == 0
        assert nothing_lives(crowd.folder)

    several = "3-at-once" in request.node.name
    assert [who for who in doubled(crowd.folder) if not (several and who == "tree.lock")] == []


def command_for(job: Job, folder: Path) -> Command:
    return command("analyze_fast", folder, "--report-id", str(job.report_id))


def command(name: str, folder: Path, *arguments: str) -> Command:
    witness = (sys.executable, "-I", "-S", str(WITNESS), name, *arguments)
    return Command(witness, {"WITNESS": str(folder)})


def doubled(folder: Path) -> list[str]:
    """Return the locks of which a witness found another holder."""
    return [line.split()[0] for line in (folder / "doubled").read_text().splitlines()]


def nothing_lives(folder: Path) -> bool:
    """Whether the lock is free that every deduper and its grandchildren hold."""
    with (folder / "tree.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
