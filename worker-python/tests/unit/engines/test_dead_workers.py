"""What tells a dead worker from a slow one, and what neither may change any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle

import psycopg
import pytest

from worker_python.engines.distributed import (
    DistributedEngine,
    DistributedOptions,
    LeasedJobStore,
    Worker,
    gate,
)
from worker_python.engines.distributed.bell import Bell
from worker_python.engines.distributed.dispatch import Dispatch
from worker_python.engines.distributed.holding import Holding
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.reaper import Reaper
from worker_python.engines.grounds import DistributedGround
from worker_python.engines.local import Retry
from worker_python.engines.local.context import Context
from worker_python.engines.local.slot import Slot
from worker_python.engines.testing import ScriptedExecutor, VirtualClock, until
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import StaleWriteError, StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
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
    store: LeasedJobStore
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
    store = LeasedJobStore(ground.url)
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


async def test_the_turn_of_a_dead_worker_is_taken_from_it_and_given_to_others(scene: Scene) -> None:
    await scene.dispatch.send()
    with psycopg.connect(scene.ground.url) as connection:
        connection.execute(A_DEAD_WORKER_TAKES_A_TURN)
    reaper = scene.reaper()

    await reaper.look()
    assert scene.turns() == []
    await scene.store.add(NewJob(scene.context.clock()))
    await reaper.look()

    assert scene.turns() == ["todo"]


async def test_a_turn_is_sent_once_for_any_number_of_jobs(scene: Scene) -> None:
    for _ in range(3):
        await scene.dispatch.send()

    assert scene.turns() == ["todo"]


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


async def looked(reaper: Reaper) -> bool:
    """Look; False where the store was not there yet."""
    try:
        await reaper.look()
    except StoreUnavailableError:
        return False
    return True
