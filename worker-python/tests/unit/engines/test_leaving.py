"""The local engine's end, where somebody has asked and gone away."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from worker_python.engines.local import LocalEngine
from worker_python.engines.testing import ScriptedExecutor, VirtualClock
from worker_python.jobs.attempt import Command
from worker_python.jobs.job import Job, NewJob
from worker_python.storage.sqlite import SqliteJobStore


class SlowStore(SqliteJobStore):
    """Keeps a new job when it is let."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def add(self, new: NewJob) -> Job:
        self.asked.set()
        await self.let.wait()
        return await super().add(new)


async def test_a_stop_waits_for_a_create_whose_caller_has_gone(tmp_path: Path) -> None:
    store, clock = SlowStore(tmp_path / "jobs.db"), VirtualClock()
    engine = LocalEngine(store, ScriptedExecutor(clock), lambda _: Command(("deduper",)), clock)
    await store.open()
    await engine.start()
    creating = asyncio.create_task(engine.submit(NewJob(clock())))
    await store.asked.wait()
    creating.cancel()
    with suppress(asyncio.CancelledError):
        await creating

    stopping = asyncio.create_task(engine.stop())
    for _ in range(50):
        await asyncio.sleep(0.001)
    assert not stopping.done()
    store.let.set()
    await stopping

    assert (await store.get(1)).id == 1
    await store.close()
