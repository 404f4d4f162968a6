"""Rows of a SQLite file that came, went or changed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Effect

KIND = "rows"
BUSY_SECONDS = 10.0

Rows = Counter[str]


class RowObserver:
    """Compares every table of a file before and after; a file that is not there has no tables."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._before: dict[str, Rows] = {}

    def begin(self) -> None:
        """Read all tables."""
        self._before = _tables(self._path)

    def end(self) -> tuple[Effect, ...]:
        """Return one effect a table that changed, its rows as JSON-shaped texts, sorted."""
        after = _tables(self._path)
        names = sorted(self._before.keys() | after.keys())
        found = ((name, self._before.get(name, Rows()), after.get(name, Rows())) for name in names)
        return tuple(
            Effect(
                KIND, {"table": name, "added": _sorted(now - was), "removed": _sorted(was - now)}
            )
            for name, was, now in found
            if was != now
        )


def _tables(path: Path) -> dict[str, Rows]:
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as db:
            names = db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return {name: _rows(db, name) for (name,) in names}
    except sqlite3.Error as error:
        raise TargetError(f"the rows of {path} cannot be read: {error}") from error


def _rows(db: sqlite3.Connection, table: str) -> Rows:
    quoted = table.replace('"', '""')
    cursor = db.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - the name comes from the schema
    columns = [column[0] for column in cursor.description]
    return Counter(repr(dict(zip(columns, row, strict=True))) for row in cursor)


def _sorted(rows: Rows) -> list[str]:
    return sorted(rows.elements())
