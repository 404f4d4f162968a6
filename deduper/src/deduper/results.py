"""The shared table of findings: rewritten for one report, filled in by one stage, or emptied."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from deduper.stages import Stage

ARTICLES = """FROM temp.run_pairs p
JOIN temp.run_articles n ON n.id = p.new
JOIN temp.run_articles a ON a.id = p.approved"""


def replace(connection: sqlite3.Connection, report_id: int | None, stages: Sequence[Stage]) -> int:
    """Put the run's pairs, with these stages' columns, in the place of the report's rows.

    The rows of other reports stay. None stands for the rows that belong to no report.

    Returns:
        How many rows there are now.
    """
    columns = {name: sql for stage in stages for name, sql in stage.columns.items()}
    connection.execute("DELETE FROM ArticleDuplicateAnalyses WHERE reportId IS ?", (report_id,))
    cursor = connection.execute(
        f"""INSERT INTO ArticleDuplicateAnalyses
        (articleIdNew, articleIdApproved, reportId, sameArticleIdFlag, createdAt, updatedAt
         {"".join(f", {name}" for name in columns)})
        SELECT p.new, p.approved, :report, p.new = p.approved, :now, :now
         {"".join(f", {sql}" for sql in columns.values())} {ARTICLES} ORDER BY p.id""",
        {"report": report_id, "now": _now()},
    )
    return cursor.rowcount


def fill(connection: sqlite3.Connection, stage: Stage) -> int:
    """Write one stage's columns into the rows that the pairs were taken from, where still there.

    Returns:
        How many rows were written.
    """
    assignments = "".join(f"{name} = {sql}, " for name, sql in stage.columns.items())
    # S608: the names and expressions are those of our own stages.
    cursor = connection.execute(
        f"UPDATE ArticleDuplicateAnalyses AS r SET {assignments} updatedAt = :now "  # noqa: S608 - see above
        f"{ARTICLES} WHERE p.id = r.id",
        {"now": _now()},
    )
    return cursor.rowcount


def clear(connection: sqlite3.Connection) -> int:
    """Delete all rows; ids go on from where they were."""
    return connection.execute("DELETE FROM ArticleDuplicateAnalyses").rowcount


def _now() -> str:
    """Return the time as the other services write it into this database."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " +00:00"
