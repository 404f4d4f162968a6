"""Stores to try: every kind passes the same suite. A new kind is one more entry in `KINDS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worker_python.jobs.job import NewJob
from worker_python.jobs.ports import JobStore
from worker_python.storage.sqlite import SqliteJobStore

MakeStore = Callable[[Path, int], JobStore]
NewDatabase = Callable[[], str]
OpenStore = Callable[..., Awaitable[JobStore]]
NewJobs = Callable[..., NewJob]

KINDS: dict[str, MakeStore] = {
    "sqlite": lambda folder, first_id: SqliteJobStore(folder / "jobs.db", first_id=first_id),
}


@pytest.fixture(params=[*KINDS, pytest.param("postgres", marks=pytest.mark.slow)])
def make_store(request: pytest.FixtureRequest) -> MakeStore:
    if request.param in KINDS:
        return KINDS[request.param]
    database: NewDatabase = request.getfixturevalue("new_database")
    url = database()
    from worker_python.storage.postgres import PostgresJobStore

    return lambda _, first_id: PostgresJobStore(url, first_id=first_id)


@pytest.fixture
async def open_store(make_store: MakeStore, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Open the test's database, each time as a new process would; closes what is left open."""
    opened: list[JobStore] = []

    async def open_it(*, first_id: int = 1) -> JobStore:
        store = make_store(tmp_path, first_id)
        await store.open()
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> JobStore:
    return await open_store()


@pytest.fixture
def new_job() -> NewJobs:
    """Make jobs, each a second younger than the one before."""
    made = 0

    def make(report_id: int | None = None, request_id: str | None = None) -> NewJob:
        nonlocal made
        made += 1
        moment = datetime(2024, 5, 17, 12, tzinfo=UTC) + timedelta(seconds=made)
        return NewJob(moment, report_id, request_id)

    return make
