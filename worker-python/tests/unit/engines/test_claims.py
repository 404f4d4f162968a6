"""Who may run a job over all machines: a lease from the claim to the end, and so many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import nullcontext
from functools import partialmethod
from itertools import cycle

import pytest

from rig.scene import Scene
from worker_python.engines.distributed import DistributedOptions, LeasedJobStore, Worker
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import StaleWriteError, StoreUnavailableError
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres_dialect import Row

pytestmark = pytest.mark.slow  # it brings up PostgreSQL


async def test_a_lease_is_held_under_its_token_only(scene: Scene) -> None:
    before = await scene.running()
    waiting = lifecycle.requeue(before)
    await scene.store.replace(before, waiting)
    now = lifecycle.claim(waiting, marker="another", now=scene.context.clock())
    await scene.store.replace(waiting, now)

    assert await scene.leases.ask_cancel(before) is False

    assert await scene.leases.renew([(before.id, before.token)]) == {}
    assert await scene.leases.renew([(now.id, now.token)]) == {(now.id, now.token): False}


async def test_an_end_gives_the_lease_back(scene: Scene) -> None:
    job = await scene.running()
    ended = lifecycle.settle(job, Outcome(Ending.EXITED, 0), now=scene.context.clock())

    await scene.store.replace(job, ended)

    assert await scene.leases.renew([(job.id, job.token)]) == {}


async def test_a_claim_whose_answer_was_lost_counts_when_it_was_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = LeasedJobStore._send_claim

    async def cut_off(store: LeasedJobStore, row: Row, *, before: bool) -> int:
        if not before:
            await send(store, row)
        raise StoreUnavailableError("the connection was cut")

    for before in (True, False):
        job = await scene.store.add(NewJob(scene.context.clock()))
        claimed = lifecycle.claim(job, marker="word", now=scene.context.clock())
        monkeypatch.setattr(LeasedJobStore, "_send_claim", partialmethod(cut_off, before=before))
        with pytest.raises(StaleWriteError) if before else nullcontext():
            await scene.store.replace(job, claimed)

        assert await scene.store.get(job.id) == (job if before else claimed)


async def test_a_claim_in_doubt_keeps_no_store_from_being_closed(scene: Scene) -> None:
    store = LeasedJobStore(scene.ground.url)
    await store.open()
    job = await store.add(NewJob(scene.context.clock()))
    claimed = lifecycle.claim(job, marker="word", now=scene.context.clock())
    scene.ground.cut_off()
    try:
        claiming = asyncio.create_task(store.replace(job, claimed))
        done, _ = await asyncio.wait([claiming], timeout=0.5)
        assert not done, "it asks whether the claim was kept"

        async with asyncio.timeout(60):
            await store.close()
        with pytest.raises(StoreUnavailableError):
            await claiming
    finally:
        scene.ground.let_in()


async def test_no_more_jobs_run_than_may_whoever_claims_them(scene: Scene) -> None:
    running = await scene.running()
    waiting = await scene.store.add(NewJob(scene.context.clock()))
    worker = Worker(scene.ground.url, scene.store.pool, scene.context, DistributedOptions())

    assert await scene.store.next_pending() is None
    await worker.take_turn()
    with pytest.raises(StaleWriteError):
        await scene.store.replace(
            waiting, lifecycle.claim(waiting, marker="too many", now=scene.context.clock())
        )

    assert [await scene.status(job) for job in (running, waiting)] == [
        JobStatus.RUNNING,
        JobStatus.PENDING,
    ]


async def test_of_claims_at_once_no_more_succeed_than_there_are_places(scene: Scene) -> None:
    stores = [LeasedJobStore(scene.ground.url, places=2) for _ in range(3)]
    for store in stores:
        await store.open()
        scene.stack.push_async_callback(store.close)
    jobs = [await scene.store.add(NewJob(scene.context.clock())) for _ in range(9)]

    def claims() -> Iterator[Awaitable[None]]:
        for job, store in zip(jobs, cycle(stores), strict=False):
            claimed = lifecycle.claim(job, marker=f"{job.id}", now=scene.context.clock())
            yield store.replace(job, claimed)

    answers = await asyncio.gather(*claims(), return_exceptions=True)

    assert answers.count(None) == 2
    assert {type(answer) for answer in answers} == {type(None), StaleWriteError}
