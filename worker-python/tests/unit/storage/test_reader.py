"""Lookups are answered on the spot, unless somebody holds the file: then a thread waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.reader import Reader

WORD = "SELECT word FROM words WHERE id = :id"


@pytest.fixture
def other_process(tmp_path: Path) -> sqlite3.Connection:
    """Somebody with the file in the mode where a writer locks readers out."""
    connection = sqlite3.connect(tmp_path / "words.db", isolation_level=None)
    connection.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)")
    connection.execute("INSERT INTO words VALUES (1, 'one')")
    return connection


@pytest.fixture
async def reader(tmp_path: Path, other_process: sqlite3.Connection) -> AsyncIterator[Reader]:
    reader = Reader(tmp_path / "words.db", busy_seconds=20)
    await reader.start()
    yield reader
    await reader.stop()
    other_process.close()


async def test_a_lookup_that_finds_the_file_locked_waits_without_stopping_the_loop(
    reader: Reader, other_process: sqlite3.Connection
) -> None:
    other_process.execute("BEGIN EXCLUSIVE")
    looking = asyncio.create_task(reader.look_up(WORD, {"id": 1}))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not looking.done()
    other_process.execute("COMMIT")

    found = await looking

    assert found is not None
    assert found["word"] == "one"


async def test_a_broken_statement_is_told_as_trouble_of_the_store(reader: Reader) -> None:
    with pytest.raises(StoreUnavailableError, match="no such table"):
        await reader.scan("SELECT 1 FROM nowhere", {})


async def test_a_reader_writes_nothing(reader: Reader) -> None:
    with pytest.raises(StoreUnavailableError, match="readonly"):
        await reader.scan("INSERT INTO words VALUES (2, 'two')", {})


async def test_a_stopped_reader_says_so(reader: Reader) -> None:
    await reader.stop()
    await reader.stop()

    for call in (reader.look_up(WORD, {"id": 1}), reader.scan(WORD, {"id": 1})):
        with pytest.raises(StoreUnavailableError, match="closed"):
            await call
