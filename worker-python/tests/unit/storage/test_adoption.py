"""Adopted jobs beside our own: in the same file, under their ids, while a service uses it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.adoption import Adoption
from worker_python.storage.sqlite import SqliteJobStore

BEGIN = datetime(2026, 1, 31, tzinfo=UTC)
FIRST_ID = 1_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "jobs.sqlite3"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker_python.storage.adoption._BUSY_SECONDS", 0.05)


def adopted(job_id: int, *, second: int = 0) -> Job:
    created = BEGIN + timedelta(seconds=second)
    return Job(
        id=job_id,
        status=JobStatus.FAILED,
        created_at=created,
        report_id=2**70,
        started_at=created,
        completed_at=created,
        exit_code=-9,
        stdout="out",
        stderr="",
    )


async def test_they_are_read_listed_and_counted_and_give_no_id_away(database: Path) -> None:
    store = SqliteJobStore(database, first_id=FIRST_ID)
    await store.open()
    try:
        await store.add(NewJob(BEGIN + timedelta(seconds=1)))
        jobs = [adopted(1), adopted(7, second=2)]

        assert Adoption(database).keep(jobs) == 2

        assert [await store.get(job.id) for job in jobs] == jobs
        listed = [job.id async for batch in store.summaries() for job in batch]
        assert listed == [1, FIRST_ID, 7]
        assert (await store.counts())[JobStatus.FAILED] == 2
        assert await store.next_pending() == await store.get(FIRST_ID)
        assert (await store.add(NewJob(BEGIN))).id == FIRST_ID + 1
    finally:
        await store.close()


async def test_a_file_that_is_not_there_yet_is_made(database: Path) -> None:
    Adoption(database).keep([adopted(3)])

    store = SqliteJobStore(database, first_id=FIRST_ID)
    await store.open()
    try:
        assert (await store.get(3)).id == 3
        assert (await store.add(NewJob(BEGIN))).id == FIRST_ID
    finally:
        await store.close()


def test_what_is_here_already_stays_as_it_is(database: Path) -> None:
    adoption = Adoption(database)
    adoption.keep([adopted(1)])

    assert adoption.keep([adopted(1, second=5), adopted(2)]) == 1

    with closing(sqlite3.connect(database)) as connection:
        moments = connection.execute("SELECT created_at FROM jobs ORDER BY id").fetchall()
    assert len(set(moments)) == 1


def test_it_is_complete_when_it_is_said_to_be(database: Path) -> None:
    adoption = Adoption(database)
    adoption.keep([])
    assert not adoption.complete

    adoption.complete_it()

    assert Adoption(database).complete


def test_a_marker_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="adopted cannot be made"):
        Adoption(tmp_path / "nowhere" / "jobs.sqlite3").complete_it()


@pytest.mark.usefixtures("impatient")
def test_where_one_cannot_be_written_none_is(database: Path) -> None:
    Adoption(database).keep([])
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON jobs WHEN new.id = 2 "
            "BEGIN SELECT RAISE(FAIL, 'full'); END"
        )

        with pytest.raises(StoreUnavailableError, match="unavailable"):
            Adoption(database).keep([adopted(1), adopted(2)])

        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


@pytest.mark.usefixtures("impatient")
def test_a_file_that_is_locked_is_named(database: Path) -> None:
    Adoption(database).keep([])
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailableError, match="another process keeps it locked"):
            Adoption(database).keep([adopted(1)])
