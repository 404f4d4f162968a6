"""The tables of one run, which nobody else sees: its articles, its pairs.

They are SQLite's temporary tables: on disk where they are large, gone when the run ends, and
writing them locks nothing of the shared database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

BATCH = 2_000  # articles worked on at a time

SCHEMA = """
CREATE TEMP TABLE run_articles (
    id INTEGER PRIMARY KEY,
    isNew INTEGER NOT NULL DEFAULT 0,
    isApproved INTEGER NOT NULL DEFAULT 0,
    state TEXT,      -- its name
    url TEXT,        -- as found, later in its canonical spelling
    headline TEXT,
    text TEXT,       -- approved, else its own, else title and description
    words BLOB,      -- digest of the normalised headline and text
    simhash INTEGER
);
CREATE TEMP TABLE run_pairs (
    id INTEGER PRIMARY KEY, -- of the row in the shared table, where there is one
    new INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    score REAL
);
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the run's tables, empty."""
    connection.executescript(SCHEMA)


def pair_everything(connection: sqlite3.Connection) -> None:
    """Pair every new article with every approved one."""
    connection.execute(
        "INSERT INTO temp.run_pairs (new, approved) SELECT n.id, a.id "
        "FROM temp.run_articles a CROSS JOIN temp.run_articles n WHERE n.isNew AND a.isApproved"
    )


def batches(
    connection: sqlite3.Connection, columns: str, size: int = BATCH
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the articles in batches: their id and these columns; they may be written meanwhile."""
    last = -1 << 63
    query = f"SELECT id, {columns} FROM temp.run_articles WHERE id > ? ORDER BY id LIMIT {size}"  # noqa: S608 - our own words
    while batch := connection.execute(query, (last,)).fetchall():
        yield batch
        last = batch[-1][0]


def count(connection: sqlite3.Connection) -> int:
    """Return how many articles there are, new and approved."""
    return _number(connection, "SELECT count(*) FROM temp.run_articles")


def count_new(connection: sqlite3.Connection) -> int:
    """Return how many new articles there are."""
    return _number(connection, "SELECT count(*) FROM temp.run_articles WHERE isNew")


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
