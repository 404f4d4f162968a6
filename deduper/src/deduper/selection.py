"""Which articles a run is about: a report's, those of a CSV file, or those already paired."""

from __future__ import annotations

import csv
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from deduper import workspace
from deduper.errors import ConfigurationError, InputError

logger = logging.getLogger(__name__)

LARGEST_ID = 2**63 - 1  # what an INTEGER of SQLite holds


def take_report(connection: sqlite3.Connection, report_id: int) -> None:
    """Take a report's articles as new, and all approved ones.

    Raises:
        InputError: the report has no articles.
    """
    if report_id <= LARGEST_ID:
        connection.execute(
            "INSERT OR IGNORE INTO temp.run_articles (id, isNew) SELECT c.articleId, 1 "
            "FROM ArticleReportContracts c JOIN Articles a ON a.id = c.articleId "
            "WHERE c.reportId = ?",
            (report_id,),
        )
    if workspace.count_new(connection) == 0:
        raise InputError(
            f"report {report_id} has no articles in ArticleReportContracts: nothing was changed"
        )
    _take_approved(connection)


def take_csv(connection: sqlite3.Connection, path: Path | None) -> None:
    """Take the articles of a CSV file as new, and all approved ones.

    Raises:
        ConfigurationError: PATH_TO_CSV is unset.
        InputError: the file cannot be read, or names no article of the database.
    """
    if path is None:
        raise ConfigurationError("set PATH_TO_CSV in the environment, or give --report-id")
    wanted = sorted(set(read_ids(path)))
    connection.executemany(
        "INSERT INTO temp.run_articles (id, isNew) SELECT id, 1 FROM Articles WHERE id = ?",
        [(article_id,) for article_id in wanted],
    )
    found = workspace.count_new(connection)
    if found < len(wanted):
        logger.warning("%s: %d ids are of no article, left out", path, len(wanted) - found)
    if found == 0:
        raise InputError(f"{path} names no article of the database: nothing was changed")
    _take_approved(connection)


def take_rows(connection: sqlite3.Connection) -> None:
    """Take the pairs that are in the shared table already, their articles and all approved ones."""
    connection.execute(
        "INSERT INTO temp.run_pairs (id, new, approved) "
        "SELECT id, articleIdNew, articleIdApproved FROM ArticleDuplicateAnalyses"
    )
    connection.execute(
        "INSERT INTO temp.run_articles (id) SELECT new FROM temp.run_pairs UNION "
        "SELECT approved FROM temp.run_pairs"
    )
    _take_approved(connection)


def read_ids(path: Path) -> Iterator[int]:
    """Yield the article ids of a CSV file: its first column, under a heading or none.

    Raises:
        InputError: the file cannot be read, or a line does not start with a number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                first = row[0].strip() if row else ""
                if first.isdecimal() and int(first) <= LARGEST_ID:
                    yield int(first)
                elif first and number > 1:
                    raise InputError(f"{path}, line {number}: {first!r} is no article id")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"PATH_TO_CSV cannot be read: {path}: {error}") from error


def _take_approved(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO temp.run_articles (id, isApproved) SELECT DISTINCT p.articleId, 1 "
        "FROM ArticleApproveds p JOIN Articles a ON a.id = p.articleId WHERE p.isApproved = 1 "
        "ON CONFLICT (id) DO UPDATE SET isApproved = 1"
    )
