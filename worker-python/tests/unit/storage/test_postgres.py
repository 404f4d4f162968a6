"""What only a database server can do to jobs: go away, be new, be newer, hold two at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import psycopg
import pytest

from worker_python.engines.testing import until
from worker_python.jobs import lifecycle
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import NewJob
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.testing import OwnPostgres

pytestmark = pytest.mark.slow
NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
async def store(new_database: Callable[..., str]) -> AsyncIterator[PostgresJobStore]:
    store = PostgresJobStore(new_database(), patience_seconds=1)
    await store.open()
    yield store
    await store.close()


async def test_an_empty_database_is_filled_by_many_processes_at_once(
    new_database: Callable[..., str],
) -> None:
    url = new_database(template="template0")
    stores = [PostgresJobStore(url, connections=1) for _ in range(3)]

    await asyncio.gather(*(store.open() for store in stores))

    jobs = [await store.add(NewJob(NOON)) for store in stores]
    for store in stores:
        assert (await store.get(1)) == jobs[0]
        await store.close()
    assert [job.id for job in jobs] == [1, 2, 3]


async def test_the_schema_of_a_newer_version_is_left_alone(
    new_database: Callable[..., str],
) -> None:
    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreUnavailableError, match="newer version"):
        await PostgresJobStore(url).open()


async def test_a_server_that_is_not_there_is_said_to_be_missing() -> None:
    store = PostgresJobStore("postgresql://worker:secret@127.0.0.1:1/jobs")

    with pytest.raises(StoreUnavailableError, match="refused") as caught:
        await store.open()

    assert "127.0.0.1:1/jobs" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_what_was_kept_outlives_a_crash_of_the_server(
    store: PostgresJobStore, postgres: OwnPostgres
) -> None:
    job = await store.add(NewJob(NOON, 84))
    await asyncio.to_thread(postgres.crash)
    try:
        for call in (store.add(NewJob(NOON)), store.get(job.id)):
            with pytest.raises(StoreUnavailableError, match="unavailable"):
                await call
    finally:
        await asyncio.to_thread(postgres.start)

    async def answers() -> bool:
        try:
            return await store.get(job.id) == job
        except StoreUnavailableError:
            return False

    await until(answers)
    assert (await store.add(NewJob(NOON))).id > job.id


async def test_connections_that_were_cut_are_replaced(
    store: PostgresJobStore, postgres: OwnPostgres
) -> None:
    jobs = await asyncio.gather(*(store.add(NewJob(NOON)) for _ in range(40)))
    with psycopg.connect(postgres.url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ '^jobs_'"
        )

    assert await store.get(1) in jobs
    assert (await store.add(NewJob(NOON))).id == 41


@pytest.mark.parametrize("text", ["\0", "\uf8ff", "\uf8ff0\0\uf8ff1", "a\0\0b"])
async def test_text_that_postgresql_does_not_take_comes_back(
    store: PostgresJobStore, text: str
) -> None:
    job = await store.add(NewJob(NOON, request_id=text))
    rejected = lifecycle.reject(job, text, now=NOON)

    await store.replace(job, rejected)

    assert await store.get(job.id) == rejected
