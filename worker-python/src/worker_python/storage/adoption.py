"""Ended jobs of another worker, kept in our file under the ids they had there.

It goes beside a running service: only jobs that nobody will ever move are written, in one
transaction, so the file needs no second owner.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.storage import rows, statements
from worker_python.storage.connection import connect, make_folder, unavailable
from worker_python.storage.migration import bring_up_to_date

_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Adoption:
    """Whether the other worker's jobs are in a job database, and the way in."""

    database: Path

    @property
    def marker(self) -> Path:
        """The file whose presence says that the other worker need not be asked any more."""
        return self.database.with_name(f"{self.database.name}.adopted")

    @property
    def complete(self) -> bool:
        """Whether all its jobs are here."""
        return self.marker.exists()

    def keep(self, jobs: Sequence[Job]) -> int:
        """Write those that are not here yet, durably and all or none; return how many.

        Raises:
            StoreUnavailableError: the file cannot be written.
        """
        make_folder(self.database)
        try:
            with closing(connect(self.database, busy_seconds=_BUSY_SECONDS)) as connection:
                bring_up_to_date(connection, self.database)
                return _insert(connection, jobs)
        except sqlite3.Error as error:
            raise unavailable(self.database, error) from error

    def complete_it(self) -> None:
        """Let a running service know that all jobs are here; raises `StoreUnavailableError`."""
        try:
            self.marker.touch()
        except OSError as error:
            raise StoreUnavailableError(f"{self.marker} cannot be made: {error}") from error


def _insert(connection: sqlite3.Connection, jobs: Sequence[Job]) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        fresh = sum(insert_one(connection, job) for job in jobs)
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return fresh


def insert_one(connection: sqlite3.Connection, job: Job) -> int:
    """Write a job under its id within a transaction; 0 where the id is taken."""
    row = rows.adopted_to_row(job)
    fresh = connection.execute(statements.ADOPT, row).rowcount
    if fresh and (job.stdout is not None or job.stderr is not None):
        connection.execute(statements.KEEP_OUTPUT, row)
    return fresh
