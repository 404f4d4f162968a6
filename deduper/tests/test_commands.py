"""The command line: exit codes, messages, and that bad input changes nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]
COUNT = "SELECT count(*) FROM ArticleDuplicateAnalyses"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("analyse",),
        ("analyze_fast", "--report-id"),
        ("analyze_fast", "--report-id", "x"),
        ("analyze_fast", "--report-id", "-1"),
        ("analyze_fast", "--report-id", "1.5"),
        ("load", "--top", "3"),
        ("analyze", "--top", "0"),
        ("analyze", "--top", "3", "--floor", "1.1"),
        ("analyze", "--floor", "0.5"),
        ("clear_table", "--no"),
    ],
)
def test_bad_arguments_end_with_2_before_anything_is_touched(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert "usage: deduper" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_missing_variables_are_named_together(run: Run, environment: dict[str, str]) -> None:
    del environment["PATH_TO_DATABASE"]
    environment["NAME_DB"] = ""

    done = run("analyze_fast", "--report-id", "1")

    assert done.returncode == 1
    assert done.stderr == "deduper: set PATH_TO_DATABASE and NAME_DB in the environment\n"


def test_a_missing_database_is_not_made(run: Run, tmp_path: Path) -> None:
    done = run("analyze_fast", "--report-id", "1")

    assert done.returncode == 1
    assert f"there is no database {tmp_path / 'sample.db'}" in done.stderr
    assert not (tmp_path / "sample.db").exists()


@pytest.mark.parametrize("content", [b"", b"this is no database, whatever its name says" * 40])
def test_a_file_that_is_not_the_shared_database(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sample.db").write_bytes(content)

    done = run("states")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "sample.db" in done.stderr


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("report", ["99", "0", "99999999999999999999999999"])
def test_a_report_without_articles_fails_and_changes_nothing(
    run: Run, rows: Rows, report: str
) -> None:
    run("load", "--report-id", "1")
    before = rows(COUNT)

    done = run("analyze_fast", "--report-id", report)

    assert done.returncode == 1
    assert done.stderr == (
        f"deduper: report {report} has no articles in ArticleReportContracts: nothing was changed\n"
    )
    assert rows(COUNT) == before != [(0,)]


@pytest.mark.usefixtures("database")
def test_without_report_the_csv_names_the_articles(
    run: Run, rows: Rows, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["PATH_TO_CSV"] = str(tmp_path / "ids.csv")
    (tmp_path / "ids.csv").write_text(
        "\ufeffarticleId,title\n50,x\n51,y\n\n50,again\n777777,no such\n"
    )
    run("load", "--report-id", "1")

    assert run("load").returncode == 0
    assert run("load").returncode == 0, "its rows are replaced, as a report's are"

    assert rows(
        "SELECT DISTINCT articleIdNew FROM ArticleDuplicateAnalyses WHERE reportId IS NULL"
    ) == [(50,), (51,)]
    assert rows(
        "SELECT count(*) = count(DISTINCT articleIdNew || ' ' || articleIdApproved) "
        "FROM ArticleDuplicateAnalyses WHERE reportId IS NULL"
    ) == [(1,)]
    assert rows(f"{COUNT} WHERE reportId = 1") != [(0,)]
    assert "1 ids are of no article" in (tmp_path / "logs" / "TestWorker.log").read_text()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "set PATH_TO_CSV in the environment, or give --report-id"),
        ("id\n50\nfifty\n", "line 3: 'fifty' is no article id"),
        ("id\n777777\n", "names no article of the database"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_csv_that_cannot_be_used(
    run: Run, environment: dict[str, str], tmp_path: Path, content: str | bytes | None, told: str
) -> None:
    if content is not None:
        environment["PATH_TO_CSV"] = str(tmp_path / "ids.csv")
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / "ids.csv").write_bytes(raw)

    done = run("analyze_fast")

    assert done.returncode == 1
    assert told in done.stderr


@pytest.mark.usefixtures("database")
def test_clear_table_asks_unless_told_not_to(run: Run, rows: Rows) -> None:
    run("load", "--report-id", "1")

    declined = run("clear_table", answer="n\n")
    unanswered = run("clear_table")

    assert (declined.returncode, unanswered.returncode) == (1, 1)
    assert "nothing was deleted" in declined.stderr
    assert rows(COUNT) != [(0,)]

    assert run("clear_table", answer="y\n").returncode == 0
    assert rows(COUNT) == [(0,)]
    assert run("clear_table", "-y").returncode == 0


def test_logs_that_cannot_be_written(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment["PATH_TO_LOGS"] = str(tmp_path / "file")

    done = run("states")

    assert done.returncode == 1
    assert "PATH_TO_LOGS cannot be written" in done.stderr


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", "inf"])
def test_a_wait_that_is_no_number(run: Run, environment: dict[str, str], seconds: str) -> None:
    environment["DEDUPER_WAIT_SECONDS"] = seconds

    assert "DEDUPER_WAIT_SECONDS" in run("states").stderr


def test_commands_that_compute_nothing_import_nothing_heavy() -> None:
    program = (
        "import sys; from deduper.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({'numpy', 'scipy', 'sklearn', 'rich'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.endswith("[]\n")


def test_a_damaged_table_is_told_and_not_traced(run: Run, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE ArticleStateContracts")

    done = run("analyze_fast", "--report-id", "1")

    assert done.returncode == 1
    assert "no such table: ArticleStateContracts; nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
