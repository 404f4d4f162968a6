"""Other programs use the database meanwhile: they never see half a report, nor lose a row."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Rows = Callable[..., list[tuple[object, ...]]]

PATIENCE_SECONDS = 60.0


@pytest.fixture(name="other")
def _other(database: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same database."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        yield connection


def finish(child: subprocess.Popen[str]) -> tuple[int, str]:
    _, stderr = child.communicate(timeout=PATIENCE_SECONDS)
    return child.returncode, stderr


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
@pytest.mark.parametrize("command", [("analyze_fast", "--report-id", "1"), ("clear_table", "-y")])
def test_a_lock_held_too_long_ends_with_1_and_the_old_rows(
    run: Run,
    rows: Rows,
    other: sqlite3.Connection,
    environment: dict[str, str],
    lock: str,
    command: tuple[str, ...],
) -> None:
    run("load", "--report-id", "1")
    environment["DEDUPER_WAIT_SECONDS"] = "0.2"
    other.execute(lock)

    done = run(*command)

    other.execute("ROLLBACK")
    assert done.returncode == 1
    assert "locked for more than 0.2 s: nothing was changed" in done.stderr
    assert rows("SELECT count(*) > 0, count(embeddingSearch) FROM ArticleDuplicateAnalyses") == [
        (1, 0)
    ]


def test_a_lock_that_is_given_up_is_waited_for(
    start: Start, rows: Rows, other: sqlite3.Connection, tmp_path: Path
) -> None:
    other.execute("BEGIN IMMEDIATE")
    child = start("analyze_fast", "--report-id", "1")
    log = tmp_path / "logs" / "TestWorker.log"
    # Its work is done and the write is next.
    wait_until(lambda: log.exists() and "embedding:" in log.read_text())

    other.execute("COMMIT")

    assert finish(child) == (0, "")
    assert rows("SELECT count(*) > 0 FROM ArticleDuplicateAnalyses") == [(1,)]


def test_readers_see_the_old_findings_or_the_new_ones(
    run: Run, start: Start, rows: Rows, other: sqlite3.Connection
) -> None:
    run("load", "--report-id", "1")  # the old findings: rows without a score
    [(total,)] = rows("SELECT count(*) FROM ArticleDuplicateAnalyses")
    query = "SELECT count(*), count(embeddingSearch), count(urlCheck) FROM ArticleDuplicateAnalyses"
    other.execute("PRAGMA busy_timeout = 60000")

    child = start("analyze_fast", "--report-id", "1")
    seen = {other.execute(query).fetchone()}
    while child.poll() is None:
        seen.add(other.execute(query).fetchone())
    seen.add(other.execute(query).fetchone())

    assert finish(child)[0] == 0
    assert seen == {(total, 0, 0), (total, total, total)}


def test_a_writer_is_not_kept_waiting_while_the_deduper_thinks(
    start: Start, other: sqlite3.Connection, tmp_path: Path
) -> None:
    """The lock is taken for the write alone: here, after another program has had its turn."""
    other.execute("BEGIN IMMEDIATE")
    child = start("analyze_fast", "--report-id", "1")
    log = tmp_path / "logs" / "TestWorker.log"
    wait_until(lambda: log.exists() and "load:" in log.read_text())

    other.execute("UPDATE States SET name = 'Changed' WHERE name = 'Ohio'")
    other.execute("COMMIT")

    assert finish(child)[0] == 0


def test_runs_of_different_reports_side_by_side_keep_each_others_rows(
    start: Start, rows: Rows, database: Path
) -> None:
    assert database.exists()
    children = [start("analyze_fast", "--report-id", str(report)) for report in (1, 2, 3)]

    assert [finish(child) for child in children] == [(0, "")] * 3

    for report in (1, 2, 3):
        [(new,)] = rows("SELECT count(*) FROM ArticleReportContracts WHERE reportId = ?", report)
        [(approved,)] = rows("SELECT count(*) FROM ArticleApproveds WHERE isApproved = 1")
        assert rows(
            "SELECT count(*), count(embeddingSearch) FROM ArticleDuplicateAnalyses "
            "WHERE reportId = ?",
            report,
        ) == [(new * approved, new * approved)]  # type: ignore[operator] # numbers


def test_a_killed_run_leaves_the_old_findings(
    run: Run, start: Start, rows: Rows, other: sqlite3.Connection, tmp_path: Path
) -> None:
    run("load", "--report-id", "1")
    before = rows("SELECT * FROM ArticleDuplicateAnalyses")
    other.execute("BEGIN IMMEDIATE")
    child = start("analyze_fast", "--report-id", "1")
    log = tmp_path / "logs" / "TestWorker.log"
    wait_until(lambda: "embedding:" in log.read_text())

    child.terminate()

    assert finish(child)[0] == -15
    other.execute("COMMIT")
    assert rows("SELECT * FROM ArticleDuplicateAnalyses") == before


def test_rows_deleted_meanwhile_are_not_brought_back(
    run: Run, start: Start, rows: Rows, other: sqlite3.Connection, tmp_path: Path
) -> None:
    run("load", "--report-id", "1")
    other.execute("BEGIN IMMEDIATE")
    child = start("states")
    log = tmp_path / "logs" / "TestWorker.log"
    wait_until(lambda: "states:" in log.read_text())

    other.execute("DELETE FROM ArticleDuplicateAnalyses")
    other.execute("COMMIT")

    assert finish(child) == (0, "")
    assert rows("SELECT count(*) FROM ArticleDuplicateAnalyses") == [(0,)]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
