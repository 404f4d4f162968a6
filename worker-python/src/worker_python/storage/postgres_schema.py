"""Bringing a PostgreSQL database up to date: the same revisions, one process at a time."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import psycopg

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.migration import LATEST, MIGRATIONS

_LOCK = 7_305_805_541_001
"""Advisory lock of whoever changes the schema; any number that nobody else uses."""

LAST_ID = "SELECT last_value - (NOT is_called)::int AS last FROM jobs_id_seq"
"""The highest id that was ever given, 0 where there is none."""

IDS_FROM = f"SELECT setval('jobs_id_seq', %(last)s) FROM ({LAST_ID}) AS given WHERE last < %(last)s"  # noqa: S608  # constants


def bring_up_to_date(url: str, *, first_id: int = 1, connect_seconds: int = 5) -> None:
    """Make or upgrade the tables in one transaction, and let ids begin at `first_id`. Blocks.

    Raises:
        StoreUnavailableError: the schema is that of a newer version of the service.
        psycopg.Error: the database does not answer, or refuses.
    """
    with psycopg.connect(url, connect_timeout=connect_seconds) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        revision = _revision(connection)
        if revision is None or revision < LATEST:
            _upgrade(url, connect_seconds)
        elif revision > LATEST:
            raise StoreUnavailableError(
                f"the job database {described(url)} has schema {revision}, this service knows "
                f"{LATEST}: it was used by a newer version; start that one, or name another"
            )
        connection.execute(IDS_FROM, {"last": first_id - 1})


def described(url: str) -> str:
    """Return the address without its password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def _revision(connection: psycopg.Connection) -> str | None:
    known = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if known is None or known[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _upgrade(url: str, connect_seconds: int) -> None:
    """Run Alembic's revisions on a connection of their own, which commits by itself."""
    import alembic.command  # noqa: PLC0415  # slow, and rarely needed
    import alembic.config  # noqa: PLC0415
    import sqlalchemy  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, connect_timeout=connect_seconds),
        poolclass=sqlalchemy.NullPool,
    )
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
