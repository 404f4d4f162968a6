"""One thread writes, and what waits is committed together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.connection import connect, unavailable
from worker_python.storage.writer import Operation, Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "words.db"
    connection = connect(path, busy_seconds=0)
    connection.execute("CREATE TABLE words (word TEXT UNIQUE)")
    connection.close()
    return path


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = Writer(lambda: connect(path, busy_seconds=20), lambda error: unavailable(path, error))
    await writer.start()
    yield writer
    await writer.stop()


@pytest.fixture
def other_process(path: Path) -> Callable[[str], None]:
    """Run a statement on a connection of somebody else."""
    connection = sqlite3.connect(path, isolation_level=None)

    def run(statement: str) -> None:
        connection.execute(statement)
        if statement == "COMMIT":
            connection.close()

    return run


def insert(word: str) -> Operation:
    return lambda connection: connection.execute("INSERT INTO words VALUES (?)", (word,))


def words(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [word for (word,) in connection.execute("SELECT word FROM words ORDER BY rowid")]
    connection.close()
    return found


def commits(path: Path) -> int:
    """Count the commit frames of the write-ahead log (https://www.sqlite.org/walformat.html)."""
    log = path.with_name(f"{path.name}-wal").read_bytes()
    page_size = int.from_bytes(log[8:12])
    sizes_after_commit = range(32 + 4, len(log), 24 + page_size)
    return sum(int.from_bytes(log[at : at + 4]) > 0 for at in sizes_after_commit)


async def test_writes_that_wait_share_a_commit(
    writer: Writer, path: Path, other_process: Callable[[str], None]
) -> None:
    before = commits(path)
    other_process("BEGIN IMMEDIATE")
    writing = [asyncio.create_task(writer.run(insert(f"word {n}"))) for n in range(200)]
    await asyncio.sleep(0)
    other_process("COMMIT")
    await asyncio.gather(*writing)

    assert len(words(path)) == 200
    assert commits(path) - before <= 3


async def test_a_write_nobody_can_make_takes_no_neighbour_along(
    writer: Writer, path: Path, other_process: Callable[[str], None]
) -> None:
    other_process("BEGIN IMMEDIATE")
    writing = [asyncio.create_task(writer.run(insert(word))) for word in ("a", "b", "a", "c")]
    await asyncio.sleep(0)
    other_process("COMMIT")

    results = await asyncio.gather(*writing, return_exceptions=True)

    assert [isinstance(result, StoreUnavailableError) for result in results] == [0, 0, 1, 0]
    assert words(path) == ["a", "b", "c"]


async def test_the_loop_turns_while_a_write_waits_for_somebody_else(
    writer: Writer, other_process: Callable[[str], None]
) -> None:
    other_process("BEGIN IMMEDIATE")
    writing = asyncio.create_task(writer.run(insert("late")))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()

    other_process("COMMIT")
    await writing


async def test_an_operation_that_fails_by_itself_gets_its_own_error(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError):
        await writer.run(lambda connection: connection.total_changes // 0)


async def test_a_failure_to_connect_reaches_whoever_starts_it_and_leaves_no_thread() -> None:
    def fail() -> sqlite3.Connection:
        raise StoreUnavailableError("no disk")

    threads = threading.active_count()
    writer = Writer(fail, lambda error: error)

    with pytest.raises(StoreUnavailableError, match="no disk"):
        await writer.start()
    assert threading.active_count() == threads


async def test_stopping_twice_is_harmless(writer: Writer) -> None:
    await writer.stop()
    await writer.stop()

    with pytest.raises(StoreUnavailableError, match="closed"):
        await writer.run(insert("late"))
