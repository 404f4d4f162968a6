"""What tells a dead worker from a slow one, and what neither may change any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psycopg
import pytest

from worker_python.engines.distributed import DistributedEngine, DistributedOptions, Worker
from worker_python.engines.distributed.bell import Bell
from worker_python.engines.distributed.dispatch import Dispatch
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.reaper import Reaper
from worker_python.engines.grounds import DistributedGround
from worker_python.engines.local.context import Context
from worker_python.engines.testing import ScriptedExecutor, VirtualClock, until
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.testing import OwnPostgres

pytestmark = pytest.mark.slow  # it brings up PostgreSQL

A_DEAD_WORKER_TAKES_A_TURN = """
    WITH dead AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h')
        RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead
"""


@dataclass
class Scene:
    """A database without workers, and the means of one."""

    ground: DistributedGround
    store: PostgresJobStore
    context: Context
    executor: ScriptedExecutor
    dispatch: Dispatch
    line: Line
    stack: AsyncExitStack

    @property
    def leases(self) -> Leases:
        return Leases(self.line)

    def reaper(self) -> Reaper:
        reaper = Reaper(self.ground.url, self.context, self.dispatch, DistributedOptions())
        self.stack.push_async_callback(reaper.close)
        return reaper

    async def running(self) -> Job:
        """Return a job that a worker holds."""
        job = await self.store.add(NewJob(self.context.clock()))
        running = lifecycle.claim(job, marker="word", now=self.context.clock())
        await self.store.replace(job, running)
        assert await self.leases.begin(running) is False
        return running

    async def lost(self) -> Job:
        """Return a job whose worker was not heard of for long."""
        job = await self.running()
        self.ground.hours_later()
        return job

    async def status(self, job: Job) -> JobStatus:
        return (await self.store.get(job.id)).status

    def turns(self) -> list[str]:
        with psycopg.connect(self.ground.url) as connection:
            return [row[0] for row in connection.execute("SELECT status FROM procrastinate_jobs")]


@pytest.fixture
async def scene(new_database: Callable[[], str], postgres: OwnPostgres) -> AsyncIterator[Scene]:
    ground = DistributedGround(new_database(), postgres.url)
    store = PostgresJobStore(ground.url)
    executor = ScriptedExecutor(VirtualClock())
    context = Context(
        store, executor, lambda job: Command(("deduper", str(job.id))), executor.clock
    )
    async with AsyncExitStack() as stack:
        await store.open()
        stack.push_async_callback(store.close)
        dispatch = Dispatch(ground.url, lanes=1, patience_seconds=5)
        await dispatch.open()
        stack.push_async_callback(dispatch.close)
        line = Line(ground.url)
        stack.push_async_callback(line.close)
        yield Scene(ground, store, context, executor, dispatch, line, stack)


async def test_a_worker_is_dead_when_two_looks_found_the_same(scene: Scene) -> None:
    job, reaper = await scene.lost(), scene.reaper()

    await reaper.look()
    assert await scene.status(job) is JobStatus.RUNNING
    await reaper.look()

    assert await scene.status(job) is JobStatus.FAILED


async def test_a_sign_of_life_between_two_looks_saves_it(scene: Scene) -> None:
    job, reaper = await scene.lost(), scene.reaper()

    await reaper.look()
    await scene.leases.renew([(job.id, job.token)])
    scene.ground.hours_later()
    await reaper.look()

    assert await scene.status(job) is JobStatus.RUNNING


async def test_a_worker_that_is_heard_of_is_left_alone(scene: Scene) -> None:
    job, reaper = await scene.running(), scene.reaper()

    for _ in range(3):
        await reaper.look()

    assert await scene.status(job) is JobStatus.RUNNING


async def test_one_worker_looks_at_a_time_and_the_next_begins_anew(scene: Scene) -> None:
    job, first, second = await scene.lost(), scene.reaper(), scene.reaper()
    await first.look()
    for _ in range(3):
        await second.look()
    assert await scene.status(job) is JobStatus.RUNNING

    await first.close()
    await second.look()
    assert await scene.status(job) is JobStatus.RUNNING
    await second.look()

    assert await scene.status(job) is JobStatus.FAILED


async def test_after_an_outage_it_looks_twice_again(scene: Scene) -> None:
    job, reaper = await scene.lost(), scene.reaper()
    await reaper.look()
    scene.ground.cut_off()
    with pytest.raises(StoreUnavailableError):
        await reaper.look()
    scene.ground.let_in()

    await until(lambda: looked(reaper))
    assert await scene.status(job) is JobStatus.RUNNING
    await until(lambda: looked(reaper))
    assert await scene.status(job) is JobStatus.FAILED


async def test_a_cancel_that_was_asked_for_is_not_lost_with_the_worker(scene: Scene) -> None:
    job, reaper = await scene.running(), scene.reaper()
    await scene.leases.ask_cancel(job)
    scene.ground.hours_later()

    for _ in range(2):
        await reaper.look()

    assert await scene.status(job) is JobStatus.CANCELLED


async def test_what_is_left_of_an_attempt_on_this_machine_is_taken_down_first(
    scene: Scene,
) -> None:
    attempt = await scene.executor.start(Command(("deduper", "1")), marker="word")
    job, reaper = await scene.lost(), scene.reaper()

    for _ in range(2):
        await reaper.look()

    assert (attempt.alive, await scene.status(job)) == (False, JobStatus.FAILED)


async def test_the_turn_of_a_dead_worker_is_given_away_when_its_job_has_ended(
    scene: Scene,
) -> None:
    job, reaper = await scene.running(), scene.reaper()
    await scene.dispatch.send(job.id)
    with psycopg.connect(scene.ground.url) as connection:
        connection.execute(A_DEAD_WORKER_TAKES_A_TURN)

    await reaper.look()
    assert scene.turns() == ["doing"]
    ended = lifecycle.settle(job, Outcome(Ending.EXITED, 0), now=scene.context.clock())
    await scene.store.replace(job, ended)
    await reaper.look()

    assert scene.turns() == ["todo"]


async def test_a_lease_is_held_under_its_token_only(scene: Scene) -> None:
    before = await scene.running()
    waiting = lifecycle.requeue(before)
    await scene.store.replace(before, waiting)
    now = lifecycle.claim(waiting, marker="another", now=scene.context.clock())
    await scene.store.replace(waiting, now)
    assert await scene.leases.begin(now) is False

    assert await scene.leases.ask_cancel(before) is False
    await scene.leases.end(before)

    assert await scene.leases.renew([(before.id, before.token)]) == {}
    assert await scene.leases.renew([(now.id, now.token)]) == {(now.id, now.token): False}
    assert await scene.leases.begin(before) is None


async def test_a_worker_that_slept_through_the_loss_of_its_turn_starts_nothing(
    scene: Scene,
) -> None:
    running = await scene.running()
    waiting = await scene.store.add(NewJob(scene.context.clock()))
    worker = Worker(scene.ground.url, scene.store.pool, scene.context, DistributedOptions())

    await worker.run_next(0)

    assert [await scene.status(job) for job in (running, waiting)] == [
        JobStatus.RUNNING,
        JobStatus.PENDING,
    ]


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


def listening(scene: Scene) -> bool:
    with psycopg.connect(scene.ground.url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN worker_python%%'"
        ).fetchone()
    return found == (2,)


async def looked(reaper: Reaper) -> bool:
    """Look; False where the store was not there yet."""
    try:
        await reaper.look()
    except StoreUnavailableError:
        return False
    return True
