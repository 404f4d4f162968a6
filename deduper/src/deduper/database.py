"""The shared database: opened politely, read in one look, written in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from deduper.errors import DatabaseError, DatabaseLockedError

# Enough for the rows of an ordinary report: a full cache would lock readers out before the commit.
CACHE_KIB = 65_536


@contextmanager
def connect(path: Path, wait_seconds: float) -> Iterator[sqlite3.Connection]:
    """Open the database that must be there; wait so many seconds for other programs' locks.

    Raises:
        DatabaseError: it is missing, lacks a table or is damaged.
        DatabaseLockedError: another program kept it locked for longer.
    """
    if not path.is_file():
        raise DatabaseError(f"there is no database {path}: check PATH_TO_DATABASE and NAME_DB")
    with _told_plainly(path, wait_seconds), closing(_open(path, wait_seconds)) as connection:
        yield connection


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """See one state of the database throughout; other programs' commits wait, so be quick."""
    with _transaction(connection, "BEGIN"):
        yield


@contextmanager
def working(connection: sqlite3.Connection) -> Iterator[None]:
    """Fill the run's own tables in one go: whoever touches no other locks nobody out."""
    with _transaction(connection, "BEGIN"):
        yield


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Write everything or nothing; the lock is taken at once, so that no work is lost to it."""
    with _transaction(connection, "BEGIN IMMEDIATE"):
        yield


def _open(path: Path, wait_seconds: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.resolve()))}?mode=rw"
    connection = sqlite3.connect(uri, timeout=wait_seconds, isolation_level=None, uri=True)
    connection.text_factory = _decode
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def _decode(raw: bytes) -> str:
    """Read any bytes: one article with a broken character must not stop a run."""
    return raw.decode("utf-8", "replace")


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _told_plainly(path: Path, wait_seconds: float) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code: https://www.sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise DatabaseLockedError(
                f"another program kept {path} locked for more than {wait_seconds:g} s: "
                "nothing was changed, try again when it has finished"
            ) from error
        raise DatabaseError(f"{path}: {error}; nothing was changed") from error
