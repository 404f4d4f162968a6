"""Health where the machine does not answer as hoped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from worker_python.deduper.health import HealthCheck
from worker_python.jobs.job import NewJob
from worker_python.settings import Settings
from worker_python.storage.sqlite import SqliteJobStore

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


class IdleEngine:
    active = 0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteJobStore]:
    store = SqliteJobStore(tmp_path / "jobs.sqlite3")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def check(environment: object, store: SqliteJobStore, tmp_path: Path) -> HealthCheck:
    del environment
    settings = Settings(job_store=tmp_path / "jobs.sqlite3")
    return HealthCheck(settings, store, IdleEngine(), lambda: NOW)  # type: ignore[arg-type]  # only what health uses


async def test_the_age_of_the_queue_is_that_of_its_first_job(
    check: HealthCheck, store: SqliteJobStore
) -> None:
    assert (await check.health()).queue_age == 0.0
    await store.add(NewJob(NOW - timedelta(seconds=90)))
    await store.add(NewJob(NOW - timedelta(seconds=30)))

    assert (await check.health()).queue_age == 90.0


async def test_a_clock_that_was_set_back_makes_no_negative_age(
    check: HealthCheck, store: SqliteJobStore
) -> None:
    await store.add(NewJob(NOW + timedelta(seconds=5)))

    assert (await check.health()).queue_age == 0.0


async def test_a_disk_that_cannot_be_asked_or_written_is_told(
    check: HealthCheck, mocker: MockerFixture
) -> None:
    mocker.patch("worker_python.deduper.health.shutil.disk_usage", side_effect=OSError)
    mocker.patch("worker_python.deduper.health.TemporaryFile", side_effect=OSError)

    health = await check.health()

    assert health.disk_free is None
    assert not health.store_writable
    assert "cannot be written" in (await check.unready() or "")
