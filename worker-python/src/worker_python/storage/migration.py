"""Bringing a job database up to date, at the price of one query where it already is.

Importing Alembic costs several times a whole start of the service, so an empty file is filled from
`migrations/schema.sql`, which a test keeps equal to what all revisions make, and Alembic is
imported only where a file of an older version has to be upgraded.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from worker_python.jobs.errors import StoreUnavailableError

LATEST = "0002"
"""The revision this code is written for; a test holds it against the newest file."""

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Make or upgrade the tables in one transaction: afterwards they are old or new, never half.

    Raises:
        StoreUnavailableError: the file was written by a newer version of the service.
    """
    if _revision(connection) == LATEST:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _change(connection, path)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def upgrade(connection: sqlite3.Connection, *, to: str = "head") -> None:
    """Run Alembic's revisions inside the transaction that is open on the connection."""
    _run_alembic(connection, "upgrade", to)


def downgrade(connection: sqlite3.Connection, *, to: str) -> None:
    """Undo Alembic's revisions, likewise."""
    _run_alembic(connection, "downgrade", to)


class _Lent:
    """The connection as SQLAlchemy sees it: it may work with it, not end its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def commit(self) -> None:
        """Leave it to the lender."""

    def rollback(self) -> None:
        """Leave it to the lender."""

    def close(self) -> None:
        """Leave it to the lender."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever sqlite3 offers
        return getattr(self._connection, name)


def _run_alembic(connection: sqlite3.Connection, command: str, revision: str) -> None:
    import alembic.command  # noqa: PLC0415  # the slow import this module exists to avoid
    import alembic.config  # noqa: PLC0415
    import sqlalchemy  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "sqlite://", creator=lambda: _Lent(connection), poolclass=sqlalchemy.NullPool
    )
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as lent:
        config.attributes["connection"] = lent
        getattr(alembic.command, command)(config, revision)


def _change(connection: sqlite3.Connection, path: Path) -> None:
    revision = _revision(connection)  # again: another process may have been faster
    if revision is None:
        _make(connection)
    elif revision < LATEST:
        upgrade(connection)
    elif revision > LATEST:
        raise StoreUnavailableError(
            f"the job database {path} has schema {revision}, this service knows {LATEST}: "
            "it was used by a newer version; start that one, or name another file"
        )


def _make(connection: sqlite3.Connection) -> None:
    script = (MIGRATIONS / "schema.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        connection.execute(statement)


def _revision(connection: sqlite3.Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
    if connection.execute(known).fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
