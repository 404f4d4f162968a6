"""A service that grows up takes its jobs along, and has a way back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rig.fleet import Fleet
from worker_python.cli import main
from worker_python.engines.distributed.moving import Moved, move
from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.sqlite import SqliteJobStore

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteJobStore]:
    """A file of three jobs, 700 to 702: one that ended with every field, two that wait."""
    store = SqliteJobStore(tmp_path / "jobs.db", first_id=700)
    await store.open()
    job = await store.add(NewJob(NOON, 10**30, "request-1"))
    running = lifecycle.claim(job, marker="word", now=NOON)
    outcome = Outcome(Ending.EXITED, 0, "out\0", "err")
    await store.replace(job, running)
    await store.replace(running, lifecycle.settle(running, outcome, now=NOON))
    for _ in range(2):
        await store.add(NewJob(NOON))
    yield store
    await store.close()


async def test_every_job_arrives_as_it_was_once_and_ids_go_on(
    file: SqliteJobStore, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    jobs = [await file.get(number) for number in (700, 701, 702)]
    await file.close()
    url = new_database()

    assert await move(tmp_path / "jobs.db", url) == Moved(3, 3)
    assert await move(tmp_path / "jobs.db", url) == Moved(3, 0)

    store = PostgresJobStore(url)
    await store.open()
    assert [await store.get(job.id) for job in jobs] == jobs
    assert (await store.add(NewJob(NOON))).id == 703
    await store.close()


async def test_what_was_waiting_runs_after_the_move(
    file: SqliteJobStore, tmp_path: Path, fleet: Fleet
) -> None:
    waiting = await file.get(701)
    await file.close()
    await move(tmp_path / "jobs.db", fleet.url)
    fleet.go.touch()

    fleet.start("work")

    await fleet.reaches(waiting, JobStatus.COMPLETED)


async def test_a_file_in_use_is_not_moved(
    file: SqliteJobStore, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    job = await file.get(701)
    with pytest.raises(StoreUnavailableError, match="another running service"):
        await move(tmp_path / "jobs.db", new_database())

    await file.replace(job, lifecycle.claim(job, marker="word", now=NOON))
    await file.close()
    with pytest.raises(StoreUnavailableError, match=r"job 701 .* is running"):
        await move(tmp_path / "jobs.db", new_database())


@pytest.mark.usefixtures("environment")
def test_the_command_says_what_it_needs(
    capsys: pytest.CaptureFixture[str], new_database: Callable[[], str]
) -> None:
    assert main(["migrate-jobs", "--from", "jobs.db", "--to", "elsewhere"]) == 2
    assert "--from sqlite:PATH" in capsys.readouterr().err
    assert main(["migrate-jobs", "--from", "sqlite:missing", "--to", new_database()]) == 1
    assert "there is no job database missing" in capsys.readouterr().err
