"""A service that grows up takes its jobs along, and takes them back where it has to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rig.fleet import Fleet
from worker_python.cli import main
from worker_python.engines.distributed.moving import Store, move
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.sqlite import SqliteJobStore

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
FIRST, WAITING, LAST = 700, 701, 702

Ends = tuple[str, str]


@pytest.fixture(params=["there", "back"])
def ends(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[], str]) -> Ends:
    """Return the addresses of a source and of a target, of different kinds."""
    file, server = f"sqlite:{tmp_path / 'jobs.db'}", new_database()
    return (file, server) if request.param == "there" else (server, file)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Store]:
    store: Store = PostgresJobStore(address)
    if address.startswith("sqlite:"):
        store = SqliteJobStore(Path(address.removeprefix("sqlite:")))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def fill(address: str) -> list[Job]:
    """Keep 700 to 702: one that ended with every field, one that waits, one that was cancelled."""
    async with opened(address) as store:
        await store.ids_from(FIRST)
        await end(store, await store.add(NewJob(NOON, 10**30, "request-1")))
        await store.add(NewJob(NOON))
        last = await store.add(NewJob(NOON))
        await store.replace(last, lifecycle.cancel(last, now=NOON))
        return [await store.get(number) for number in (FIRST, WAITING, LAST)]


async def end(store: Store, job: Job) -> None:
    running = lifecycle.claim(job, marker="word", now=NOON)
    outcome = Outcome(Ending.EXITED, 0, "out\0", "err")
    await store.replace(job, running)
    await store.replace(running, lifecycle.settle(running, outcome, now=NOON))


async def test_every_job_arrives_as_it_was_once_and_ids_go_on(ends: Ends) -> None:
    jobs = await fill(ends[0])

    first, again = await move(*ends), await move(*ends)

    assert (first.jobs, first.fresh, again.jobs, again.fresh) == (3, 3, 3, 0)
    async with opened(ends[1]) as store:
        assert [await store.get(job.id) for job in jobs] == jobs
        assert (await store.add(NewJob(NOON))).id == LAST + 1
    async with opened(ends[0]) as store:
        assert [await store.get(job.id) for job in jobs] == jobs


async def test_there_and_back_again_nothing_runs_twice(ends: Ends) -> None:
    await fill(ends[0])
    await move(*ends)
    async with opened(ends[1]) as grown:
        await end(grown, await grown.get(WAITING))
        taken = await grown.add(NewJob(NOON, 84))
        expected = [await grown.get(number) for number in range(FIRST, taken.id + 1)]

    back = await move(ends[1], ends[0])

    assert (back.jobs, back.fresh) == (4, 2)  # the one that has ended meanwhile, the one taken
    async with opened(ends[0]) as store:
        assert [await store.get(job.id) for job in expected] == expected
        assert (await store.add(NewJob(NOON))).id == taken.id + 1


async def test_no_id_is_given_again_though_its_job_was_pruned(ends: Ends) -> None:
    async with opened(ends[0]) as store:
        await end(store, await store.add(NewJob(NOON)))
        assert await store.prune(keep=0, ended_before=None) == 1

    await move(*ends)

    async with opened(ends[1]) as store:
        assert (await store.add(NewJob(NOON))).id == 2


async def test_an_id_that_both_gave_is_told(ends: Ends) -> None:
    await fill(ends[0])
    async with opened(ends[1]) as store:
        await store.ids_from(FIRST)
        other = await store.add(NewJob(NOON + timedelta(days=1)))

    with pytest.raises(StoreUnavailableError, match="both stores gave the id 700"):
        await move(*ends)

    async with opened(ends[1]) as store:
        assert await store.get(FIRST) == other


async def test_a_job_that_is_running_is_not_moved(ends: Ends) -> None:
    await fill(ends[0])
    async with opened(ends[0]) as store:
        waiting = await store.get(WAITING)
        await store.replace(waiting, lifecycle.claim(waiting, marker="word", now=NOON))

    with pytest.raises(StoreUnavailableError, match=r"job 701 .* is running"):
        await move(*ends)


async def test_a_file_in_use_is_not_moved(tmp_path: Path, new_database: Callable[[], str]) -> None:
    address = f"sqlite:{tmp_path / 'jobs.db'}"
    async with opened(address):
        with pytest.raises(StoreUnavailableError, match="another running service"):
            await move(address, new_database())


async def test_what_was_waiting_runs_after_the_move(tmp_path: Path, fleet: Fleet) -> None:
    address = f"sqlite:{tmp_path / 'jobs.db'}"
    jobs = await fill(address)
    await move(address, fleet.url)
    fleet.go.touch()

    fleet.start("work")

    await fleet.reaches(jobs[1], JobStatus.COMPLETED)


@pytest.mark.usefixtures("environment")
def test_the_command_says_what_it_needs_and_what_it_did(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, new_database: Callable[[], str]
) -> None:
    server = new_database()
    for wrong in (("jobs.db", "elsewhere"), (server, server), ("sqlite:a", "sqlite:b")):
        assert main(["migrate-jobs", "--from", wrong[0], "--to", wrong[1]]) == 2
        assert "one of --from and --to is sqlite:PATH" in capsys.readouterr().err
    assert main(["migrate-jobs", "--from", "sqlite:missing", "--to", server]) == 1
    assert "there is no job database missing" in capsys.readouterr().err
    file = f"sqlite:{tmp_path / 'new' / 'jobs.db'}"
    assert main(["migrate-jobs", "--from", server, "--to", file]) == 0
    assert f"0 jobs of {server.replace('worker@', '')} are in {file}, 0 new" in (
        capsys.readouterr().out
    )
