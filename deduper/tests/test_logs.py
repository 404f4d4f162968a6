"""What a run leaves behind: its log file, its record, its bar on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
MAIN = Path(__file__).parents[1] / "src" / "main.py"


def records(tmp_path: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for line in (tmp_path / "logs" / "runs.jsonl").read_text().splitlines()
    ]


@pytest.mark.usefixtures("database")
def test_a_line_per_stage_in_a_file_named_after_the_app(run: Run, tmp_path: Path) -> None:
    run("analyze", "--report-id", "1")

    lines = (tmp_path / "logs" / "TestWorker.log").read_text().splitlines()

    stages = [line.split(" INFO ")[1].split(":")[0] for line in lines]
    assert stages == ["load", "states", "url_check", "content_hash", "embedding", "write"]


@pytest.mark.usefixtures("database")
def test_a_name_cannot_lead_out_of_the_log_folder(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["NAME_APP"] = "../a/b"

    assert run("states").returncode == 0
    assert (tmp_path / "logs" / "..-a-b.log").exists()


@pytest.mark.usefixtures("database")
def test_the_run_log_records_what_ran(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["WORKER_ATTEMPT_MARKER"] = "blue-heron"
    environment["WORKER_REQUEST_ID"] = "r-1"
    environment["WORKER_JOB_ID"] = "1000007"

    run("load", "--report-id", "1")

    begun, ended = records(tmp_path)
    assert (begun["event"], ended["event"]) == ("started", "ended")
    assert begun | ended == ended, "the last line tells the whole"
    assert ended["arguments"] == ["load", "--report-id", "1"]
    assert (ended["attempt_marker"], ended["request_id"]) == ("blue-heron", "r-1")
    assert ended["job"] == "1000007"
    assert isinstance(ended["rows"], int)
    assert ended["rows"] > 0
    assert ended["exit_code"] == 0
    assert str(ended["started"]) < str(ended["ended"])


@pytest.mark.usefixtures("database")
def test_a_failure_is_recorded_with_its_exit_code_and_reason(run: Run, tmp_path: Path) -> None:
    run("load", "--report-id", "99")

    ended = records(tmp_path)[-1]
    assert (ended["event"], ended["exit_code"], ended["rows"]) == ("ended", 1, 0)
    assert (
        "ERROR load: report 99 has no articles"
        in (tmp_path / "logs" / "TestWorker.log").read_text()
    )


@pytest.mark.usefixtures("database")
def test_lines_of_runs_side_by_side_stay_whole(start: Start, tmp_path: Path) -> None:
    children = [start("states") for _ in range(4)]
    for child in children:
        child.communicate(timeout=60)

    assert sorted(str(record["pid"]) for record in records(tmp_path)) == sorted(
        str(child.pid) for child in children for _ in range(2)
    )


@pytest.mark.usefixtures("database")
def test_without_a_log_folder_nothing_is_left_behind(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["PATH_TO_LOGS"]

    assert run("load", "--report-id", "1").returncode == 0
    assert not list(tmp_path.glob("**/*.log")) + list(tmp_path.glob("**/*.jsonl"))


@pytest.mark.usefixtures("database")
def test_a_terminal_shows_a_bar_and_a_pipe_does_not(run: Run, environment: dict[str, str]) -> None:
    assert run("analyze_fast", "--report-id", "1").stderr == ""

    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, str(MAIN), "analyze_fast", "--report-id", "1"],
        env=environment | {"TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    assert "embedding" in shown
    assert "2226/2226" in shown
