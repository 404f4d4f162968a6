"""Whatever is asked at once, and whoever goes away: one deduper at a time, and every stop heard.

`CHAOS_STEPS` says how often each caller asks.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker_python.engines.local import LocalEngine, LocalOptions, Retry
from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.executor import GuardedExecutor
from worker_python.execution.identity import is_alive
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import JobNotCancellableError
from worker_python.jobs.job import Job, NewJob, ProcessIdentity
from worker_python.jobs.status import JobStatus
from worker_python.storage.sqlite import SqliteJobStore

pytestmark = pytest.mark.slow
WITNESS = Path(__file__).parents[2] / "fixtures/witness_deduper/src/main.py"
CALLERS, LONGEST_PAUSE_SECONDS = 5, 0.1
STEPS = int(os.environ.get("CHAOS_STEPS", "25"))
QUICK = 1000
"""Reports below end at once; the others only when they are stopped."""


class FaultyExecutor(GuardedExecutor):
    """Breaks now and then as no executor should: under a started attempt, and while it looks."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(grace_seconds=5)
        self._chance = chance
        self.faulty = False

    async def start(self, command: Command, *, marker: str) -> GuardedAttempt:
        attempt = await super().start(command, marker=marker)
        self._break(0.1)
        return attempt

    async def recover(self, process: ProcessIdentity | None, *, marker: str) -> bool:
        self._break(0.5)
        return await super().recover(process, marker=marker)

    def _break(self, share: float) -> None:
        if self.faulty and self._chance.random() < share:
            raise OSError("too many open files")


@dataclass(slots=True)
class Crowd:
    """Callers that ask at random; some do not wait for the answer."""

    engine: LocalEngine
    store: SqliteJobStore
    folder: Path
    chance: random.Random
    most: int
    submitted: int = 0

    async def call(self) -> None:
        """Ask for something, so many times."""
        actions = [self.submit, self.cancel, self.look, self.kill_a_guard, self.clear]
        for _ in range(STEPS):
            await asyncio.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            action = self.chance.choices(actions, [15, 8, 8, 4, 1])[0]
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

    async def look(self) -> None:
        running = await self.store.with_status(JobStatus.RUNNING)
        assert len(running) <= self.most, running

    async def clear(self) -> None:
        async with self.engine.quiet() as quiet:
            with suppress(OSError):  # the executor's defect is the caller's answer
                await quiet.run(command("clear_table", self.folder))
            assert nothing_lives(self.folder)

    async def kill_a_guard(self) -> None:
        """Lose an attempt: its job goes back in line."""
        for job in await self.store.with_status(JobStatus.RUNNING):
            if job.process is not None and is_alive(job.process):
                os.kill(job.process.pid, signal.SIGKILL)


@pytest.fixture(params=[1, 3], ids=lambda most: f"{most}-at-once")
async def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Crowd]:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  # pytest shows it where the test fails
    chance = random.Random(seed)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # it breaks on purpose
    store = SqliteJobStore(tmp_path / "jobs.db")
    await store.open()
    executor = FaultyExecutor(chance)
    engine = LocalEngine(
        store,
        executor,
        lambda job: command_for(job, tmp_path),
        lambda: datetime.now(UTC),
        options=LocalOptions(request.param, 0, Retry(lost_jobs=True, attempts_at_most=10**6)),
    )
    await engine.start()
    executor.faulty = True
    yield Crowd(engine, store, tmp_path, chance, request.param)
    await engine.stop()
    await store.close()


@pytest.mark.timeout(3600)
async def test_one_deduper_at_a_time_and_every_stop_is_heard(
    crowd: Crowd,
) -> None:
    await asyncio.gather(*(crowd.call() for _ in range(CALLERS)))
    async with crowd.engine.quiet():
        assert await crowd.store.with_status(JobStatus.RUNNING) == []
        assert crowd.engine.active == 0
        assert nothing_lives(crowd.folder)

    assert [who for who in doubled(crowd.folder) if crowd.most == 1 or who != "tree.lock"] == []


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
