"""How a cancel reaches the machine that runs the job."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from rig.scene import Scene
from worker_python.engines.distributed import DistributedEngine, DistributedOptions, Worker
from worker_python.engines.distributed.bell import Bell
from worker_python.engines.distributed.holding import Holding
from worker_python.engines.local import Retry
from worker_python.engines.local.slot import Slot
from worker_python.engines.testing import until
from worker_python.jobs.attempt import Ending
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus

pytestmark = pytest.mark.slow  # it brings up PostgreSQL


async def test_a_cancel_that_was_faster_than_the_slot_is_not_left_to_the_next_renewal(
    scene: Scene,
) -> None:
    holding = Holding(scene.ground.url, DistributedOptions(renew_seconds=600))
    holding.start()
    scene.stack.push_async_callback(holding.stop)
    await until(lambda: listening(scene, 1))
    job = await scene.running()
    await scene.leases.ask_cancel(job)
    await until(lambda: bool(holding._rung) and not holding._woken.is_set())
    slot = Slot(job, scene.context, Retry())

    holding.hold(slot)

    await until(lambda: slot._wish is Ending.CANCELLED)


@pytest.mark.parametrize("way", ["bell", "poll"])
async def test_a_cancel_arrives_by_the_bell_and_without_it_by_looking(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "bell":
        monkeypatch.setattr("worker_python.engines.distributed.engine._POLL_SECONDS", 600)
    else:
        monkeypatch.setattr(Bell, "start", lambda _: None)
    options = DistributedOptions(
        renew_seconds=600 if way == "bell" else 0.1, cancel_patience_seconds=20
    )
    engine = DistributedEngine(scene.ground.url, scene.context, options)
    worker = Worker(scene.ground.url, scene.store.pool, scene.context, options)
    for part in (engine, worker):
        await part.start()
        scene.stack.push_async_callback(part.stop)
    job = await engine.submit(NewJob(scene.context.clock()))
    await until(lambda: bool(scene.executor.alive))
    await until(lambda: listening(scene) or way == "poll")

    async with asyncio.timeout(30):
        cancelled = await engine.cancel(job.id)

    assert cancelled.status is JobStatus.CANCELLED


def listening(scene: Scene, bells: int = 2) -> bool:
    with psycopg.connect(scene.ground.url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN worker_python%%'"
        ).fetchone()
    return found == (bells,)
