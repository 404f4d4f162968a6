"""Opening a SQLite file as the job store needs it, and saying what is wrong where it cannot be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from worker_python.jobs.errors import StoreUnavailableError

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked; find out which, and stop it",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked; find out which, and stop it",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "it may not be written; check the rights of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists and is writable",
    sqlite3.SQLITE_IOERR: "the disk fails to read or write; check it, and the space left on it",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database; name another",
}


def make_folder(path: Path) -> None:
    """Make the folder of a database file; raises `StoreUnavailableError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the job database {path} is unavailable: its folder cannot be made ({error})"
        ) from error


def connect(path: Path, *, busy_seconds: float) -> sqlite3.Connection:
    """Open the file for writing: WAL, and every commit on disk before it returns."""
    connection = _open(path, busy_seconds)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_reader(path: Path, *, busy_seconds: float) -> sqlite3.Connection:
    """Open the file for reading only; in WAL a reader neither waits for the writer nor stops it."""
    connection = _open(path, busy_seconds)
    connection.execute("PRAGMA query_only = ON")
    return connection


def unavailable(path: Path, error: sqlite3.Error) -> StoreUnavailableError:
    """Say in one line what is wrong with the file and what to do about it."""
    # An extended code keeps its family in the low byte: https://www.sqlite.org/rescode.html
    family = getattr(error, "sqlite_errorcode", 0) & 0xFF
    reason = _REASONS.get(family, "SQLite reports an error")
    return StoreUnavailableError(f"the job database {path} is unavailable: {reason} ({error})")


def _open(path: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=busy_seconds,
        isolation_level=None,  # transactions are begun in plain sight
        check_same_thread=False,  # one thread at a time uses it; another may close it
    )
    connection.row_factory = sqlite3.Row
    return connection
