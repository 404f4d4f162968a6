"""What tells a dead worker from a slow one, and what becomes of its jobs and its turn."""

from __future__ import annotations

import psycopg
import pytest

from rig.scene import Scene
from worker_python.engines.distributed.reaper import Reaper
from worker_python.engines.testing import until
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus

pytestmark = pytest.mark.slow  # it brings up PostgreSQL

A_DEAD_WORKER_TAKES_A_TURN = """
    WITH dead AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h')
        RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead
"""


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


async def looked(reaper: Reaper) -> bool:
    """Look; False where the store was not there yet."""
    try:
        await reaper.look()
    except StoreUnavailableError:
        return False
    return True
