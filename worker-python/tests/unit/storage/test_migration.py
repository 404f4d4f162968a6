"""Every database that was ever written can be opened, by the first version's file up to today's."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from pytest_mock import MockerFixture

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage import migration
from worker_python.storage.migration import LATEST, MIGRATIONS, bring_up_to_date, upgrade
from worker_python.storage.migrations.__main__ import schema
from worker_python.storage.sqlite import SqliteJobStore

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def first_version(path: Path, connection: sqlite3.Connection) -> Path:
    """A file as the first version left it: one job that ended, one that waits."""
    connection.execute("BEGIN")
    upgrade(connection, to="0001")
    connection.execute(
        "INSERT INTO jobs VALUES (7, 'completed', '2024-05-17T12:00:00.000000+00:00', '84', 'r-1',"
        " 1, 'word', NULL, NULL, NULL, '2024-05-17T12:00:00.000000+00:00',"
        " '2024-05-17T12:00:00.000000+00:00', 0, NULL, 'out', 'err')"
    )
    connection.execute(
        "INSERT INTO jobs (status, created_at, token)"
        " VALUES ('pending', '2024-05-17T12:00:00.000000+00:00', 0)"
    )
    connection.execute("COMMIT")
    return path


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


async def test_the_first_version_is_upgraded_with_all_its_jobs(first_version: Path) -> None:
    store = SqliteJobStore(first_version)
    await store.open()
    try:
        assert await store.get(7) == Job(
            id=7,
            status=JobStatus.COMPLETED,
            created_at=NOON,
            report_id=84,
            request_id="r-1",
            token=1,
            marker="word",
            started_at=NOON,
            completed_at=NOON,
            exit_code=0,
            stdout="out",
            stderr="err",
        )
        assert (await store.get(8)).status is JobStatus.PENDING
        assert (await store.add(NewJob(NOON))).id == 9
    finally:
        await store.close()


def test_an_upgrade_that_fails_half_way_leaves_the_old_file(
    first_version: Path, connection: sqlite3.Connection, mocker: MockerFixture
) -> None:
    before = tables(connection)
    mocker.patch("alembic.op.drop_column", side_effect=sqlite3.OperationalError("power cut"))

    with pytest.raises(sqlite3.OperationalError, match="power cut"):
        bring_up_to_date(connection, first_version)

    assert tables(connection) == before
    assert connection.execute("SELECT stdout FROM jobs WHERE id = 7").fetchone() == ("out",)


def test_a_file_of_a_newer_version_is_left_alone(
    path: Path, connection: sqlite3.Connection
) -> None:
    bring_up_to_date(connection, path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreUnavailableError, match=f"schema 9999, this service knows {LATEST}"):
        bring_up_to_date(connection, path)


def test_a_fresh_file_is_what_all_revisions_make() -> None:
    """If this fails: `python -m worker_python.storage.migrations`."""
    assert (MIGRATIONS / "schema.sql").read_text(encoding="utf-8") == schema()


def test_the_code_is_written_for_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [LATEST]


def test_every_revision_can_be_undone(connection: sqlite3.Connection, first_version: Path) -> None:
    before = [*connection.execute("SELECT id, status, stdout, stderr FROM jobs")]
    bring_up_to_date(connection, first_version)

    connection.execute("BEGIN")
    migration.downgrade(connection, to="0001")
    connection.execute("COMMIT")

    assert [*connection.execute("SELECT id, status, stdout, stderr FROM jobs")] == before


def test_opening_a_fresh_or_current_file_imports_no_migration_machinery(path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from worker_python.storage.sqlite import SqliteJobStore\n"
        "async def main():\n"
        "    for _ in range(2):\n"
        "        store = SqliteJobStore(Path(sys.argv[1]))\n"
        "        await store.open()\n"
        "        await store.close()\n"
        "asyncio.run(main())\n"
        "print([name for name in ('alembic', 'sqlalchemy') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
