"""What can go wrong with a file: a clear answer each time, and no job half-kept."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker_python.jobs import lifecycle
from worker_python.jobs.errors import JobNotFoundError, StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.storage.sqlite import SqliteJobStore

NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)
NEW = NewJob(NOW, 84)

ADD_FOREVER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from worker_python.jobs.job import NewJob
from worker_python.storage.sqlite import SqliteJobStore

async def client(store):
    while True:
        print((await store.add(NewJob(datetime.now(UTC)))).id, flush=True)

async def main():
    store = SqliteJobStore(Path(sys.argv[1]))
    await store.open()
    await asyncio.gather(*(client(store) for _ in range(8)))

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteJobStore]:
    store = SqliteJobStore(path, busy_seconds=0.05)
    await store.open()
    yield store
    await store.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock as another process does."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextmanager
def quota(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def refused(path: Path) -> str:
    store = SqliteJobStore(path, busy_seconds=0.05)
    with pytest.raises(StoreUnavailableError) as caught:
        await store.open()
    await store.close()
    return str(caught.value)


async def test_a_file_locked_by_another_process_is_waited_for_then_named(
    store: SqliteJobStore, path: Path
) -> None:
    kept = await store.add(NEW)
    with locked(path):
        with pytest.raises(StoreUnavailableError, match=f"{path} .*another process keeps it lock"):
            await store.add(NEW)
        with pytest.raises(StoreUnavailableError, match="lock"):
            await store.replace(kept, lifecycle.cancel(kept, now=NOW))
        assert await store.get(kept.id) == kept

    assert (await store.add(NEW)).id == kept.id + 1


async def test_a_lock_that_goes_in_time_costs_nothing_but_time(path: Path) -> None:
    store = SqliteJobStore(path, busy_seconds=20)
    await store.open()
    with locked(path):
        adding = asyncio.create_task(store.add(NEW))
        await asyncio.sleep(0)

    assert (await adding).id == 1
    await store.close()


async def test_a_full_disk_refuses_the_job_and_recovers_by_itself(
    store: SqliteJobStore, path: Path
) -> None:
    kept = await store.add(NEW)
    size = max(file.stat().st_size for file in path.parent.iterdir())
    with quota(size):
        results = await asyncio.gather(
            *(store.add(NEW) for _ in range(1000)), return_exceptions=True
        )
    acknowledged = [kept.id, *(result.id for result in results if isinstance(result, Job))]
    refusals = [str(result) for result in results if isinstance(result, StoreUnavailableError)]

    assert len(acknowledged) + len(refusals) == 1001
    assert "disk" in refusals[0]
    for job_id in acknowledged:
        await store.get(job_id)
    with pytest.raises(JobNotFoundError):
        await store.get(acknowledged[-1] + 1)
    assert (await store.add(NEW)).id == acknowledged[-1] + 1


@pytest.fixture(params=[("a folder", "cannot be opened"), ("a text", "no SQLite database")])
def unusable(request: pytest.FixtureRequest, path: Path) -> str:
    """Put something in the database's place; return what is to be said about it."""
    is_there, why = request.param
    if is_there == "a folder":
        path.mkdir()
    else:
        path.write_text("job,status\n" * 500)
    return str(why)


async def test_a_path_that_is_no_database_is_named(path: Path, unusable: str) -> None:
    message = await refused(path)

    assert str(path) in message
    assert unusable in message


async def test_a_folder_that_cannot_be_made_is_named(store: SqliteJobStore, path: Path) -> None:
    await store.add(NEW)

    assert "its folder cannot be made" in await refused(path / "deeper" / "jobs.db")


@pytest.fixture
def no_lock(path: Path) -> None:
    """Stand for missing rights in the folder, which root never lacks."""
    path.with_name("jobs.db.owner").mkdir()


@pytest.mark.usefixtures("no_lock")
async def test_a_folder_that_may_not_be_written_is_named(path: Path) -> None:
    assert "lock cannot be made" in await refused(path)


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    store = SqliteJobStore(tmp_path / "a" / "b" / "jobs.db")
    await store.open()
    await store.close()


async def test_a_second_service_on_the_same_file_is_turned_away(
    store: SqliteJobStore, path: Path
) -> None:
    await store.add(NEW)

    assert "belongs to another running service" in await refused(path)
    assert (await store.add(NEW)).id == 2


async def test_a_file_can_be_taken_over_from_a_service_that_is_just_leaving(path: Path) -> None:
    leaving, coming = SqliteJobStore(path), SqliteJobStore(path, busy_seconds=20)
    await leaving.open()
    opening = asyncio.create_task(coming.open())
    await asyncio.sleep(0)
    await leaving.close()

    await opening
    await coming.close()


@pytest.fixture
def acknowledged(path: Path) -> list[int]:
    """Ids that a process had reported as added when it was killed in the middle of adding."""
    child = subprocess.Popen(
        [sys.executable, "-c", ADD_FOREVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        ids = [int(child.stdout.readline()) for _ in range(50)]
        child.send_signal(signal.SIGKILL)
        ids += [int(line) for line in child.stdout if line.endswith("\n")]
    return ids


async def test_an_acknowledged_job_survives_sigkill(path: Path, acknowledged: list[int]) -> None:
    store = SqliteJobStore(path, busy_seconds=20)
    await store.open()
    for job_id in acknowledged:
        await store.get(job_id)

    assert (await store.add(NEW)).id > max(acknowledged)
    await store.close()


async def test_every_commit_is_forced_to_the_disk(store: SqliteJobStore) -> None:
    def pragmas(connection: sqlite3.Connection) -> tuple[str, int]:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        return mode, synchronous

    assert await store._writer.run(pragmas) == ("wal", 2)
