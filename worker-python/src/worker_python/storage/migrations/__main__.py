"""Write `schema.sql`, where all revisions lead: `python -m worker_python.storage.migrations`."""

from __future__ import annotations

import sqlite3
import sys

from worker_python.storage.migration import MIGRATIONS, upgrade


def schema() -> str:
    """Run every revision on an empty database and return what it then consists of."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("BEGIN")
        upgrade(connection)
        return ";\n".join([*_definitions(connection), _stamp(connection)]) + "\n"
    finally:
        connection.close()


def _definitions(connection: sqlite3.Connection) -> list[str]:
    ours = "sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    found = connection.execute(f"SELECT sql FROM sqlite_schema WHERE {ours} ORDER BY rowid")  # noqa: S608  # a constant
    return [sql.replace(" \n", "\n") for (sql,) in found]


def _stamp(connection: sqlite3.Connection) -> str:
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return f"INSERT INTO alembic_version (version_num) VALUES ('{revision}')"  # noqa: S608  # its own


if __name__ == "__main__":
    (MIGRATIONS / "schema.sql").write_text(schema(), encoding="utf-8")
    sys.stdout.write(f"{MIGRATIONS / 'schema.sql'}\n")
