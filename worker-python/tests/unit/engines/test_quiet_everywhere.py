"""A quiet period over all machines: no claim in it, and no longer than its holder is heard of."""

from __future__ import annotations

import asyncio

import pytest

from rig.scene import Scene
from worker_python.engines.distributed import DistributedEngine, DistributedOptions, gate
from worker_python.engines.testing import until
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending
from worker_python.jobs.errors import StaleWriteError
from worker_python.jobs.job import NewJob

pytestmark = pytest.mark.slow  # it brings up PostgreSQL


async def test_nothing_is_claimed_in_a_quiet_period(scene: Scene) -> None:
    job = await scene.store.add(NewJob(scene.context.clock()))
    async with gate.closed(scene.ground.url):
        assert await scene.store.next_pending() is None
        with pytest.raises(StaleWriteError):
            await scene.store.replace(
                job, lifecycle.claim(job, marker="too early", now=scene.context.clock())
            )

    assert await scene.store.next_pending() == job


async def test_a_quiet_period_whose_holder_is_silent_ends_by_itself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_IDLE_SECONDS", 0.5)
    job = await scene.store.add(NewJob(scene.context.clock()))

    async with gate.closed(scene.ground.url):

        async def is_over() -> bool:
            return await scene.store.next_pending() == job

        await until(is_over)


async def test_a_quiet_period_whose_holder_is_heard_of_lasts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_IDLE_SECONDS", 0.5)
    monkeypatch.setattr(gate, "_SIGN_OF_LIFE_SECONDS", 0.05)
    await scene.store.add(NewJob(scene.context.clock()))

    async with gate.closed(scene.ground.url):
        await asyncio.sleep(1.5)  # it is the silence that is tried
        assert await scene.store.next_pending() is None


async def test_who_loses_a_quiet_period_stops_what_it_runs_in_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_SIGN_OF_LIFE_SECONDS", 0.05)
    engine = DistributedEngine(scene.ground.url, scene.context, DistributedOptions())
    await engine.start()
    scene.stack.push_async_callback(engine.stop)

    async with engine.quiet() as quiet:
        clearing = asyncio.create_task(quiet.run(Command(("deduper", "clear_table"))))
        await until(lambda: bool(scene.executor.alive))
        scene.ground.cut_off()
        scene.ground.let_in()

        assert (await clearing).ending is Ending.LOST


async def test_what_arrived_in_a_quiet_period_is_told_to_workers_at_its_end(scene: Scene) -> None:
    engine = DistributedEngine(scene.ground.url, scene.context, DistributedOptions())
    await engine.start()
    scene.stack.push_async_callback(engine.stop)

    async with engine.quiet():
        await scene.store.add(NewJob(scene.context.clock()))
        assert scene.turns() == []

    assert scene.turns() == ["todo"]
