"""The sample database: made once, copied for each use, read as the pages read it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

NAME = "newsnexus.db"
READERS_THRESHOLD = 0.7
COLUMNS = (
    "articleIdNew, articleIdApproved, reportId, sameArticleIdFlag, articleNewState, "
    "articleApprovedState, sameStateFlag, urlCheck, contentHash, embeddingSearch"
)
Row = tuple[object, ...]


def make_sample(folder: Path) -> Path:
    """Make the sample database in a folder and return its file."""
    subprocess.run(
        [sys.executable, "-m", "deduper", "sample", "--to", str(folder), "--name", NAME],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / NAME


def copy_to(database: Path, folder: Path) -> Path:
    """Copy a database and the files beside it into a folder of its own."""
    shutil.copytree(database.parent, folder, dirs_exist_ok=True)
    return folder / database.name


def rows(database: Path, report_id: int) -> Sequence[Row]:
    """Return a report's findings, in the order of their articles."""
    query = (
        f"SELECT {COLUMNS} FROM ArticleDuplicateAnalyses WHERE reportId = ? "  # noqa: S608 - constant columns
        "ORDER BY articleIdNew, articleIdApproved"
    )
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, (report_id,)).fetchall()


def duplicates(database: Path, report_id: int) -> Sequence[tuple[int, int, float, str, str]]:
    """Return what the pages show: other articles at or over the readers' threshold, best first.

    Each is (new id, approved id, score, new title, approved title).
    """
    query = """
        SELECT d.articleIdNew, d.articleIdApproved, d.embeddingSearch, n.title, a.title
        FROM ArticleDuplicateAnalyses d
        JOIN Articles n ON n.id = d.articleIdNew
        JOIN Articles a ON a.id = d.articleIdApproved
        WHERE d.reportId = ? AND d.sameArticleIdFlag = 0 AND d.embeddingSearch >= ?
        ORDER BY d.embeddingSearch DESC, d.articleIdNew, d.articleIdApproved"""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, (report_id, READERS_THRESHOLD)).fetchall()
