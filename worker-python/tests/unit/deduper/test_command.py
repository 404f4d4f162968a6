"""The deduper's command lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker_python.deduper.command import DeduperCommands
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.settings import Settings


def commands(**settings: object) -> DeduperCommands:
    given = {"path_to_python_venv": "/venv", "path_to_microservice_deduper": "/deduper"}
    return DeduperCommands(Settings.model_validate({**given, **settings}))


def job(report_id: int | None = None, token: int = 0, request_id: str | None = None) -> Job:
    now = datetime.now(UTC)
    return Job(7, JobStatus.PENDING, now, report_id, request_id, token=token)


@pytest.mark.usefixtures("environment")
def test_a_job_analyses_its_report_or_the_csv() -> None:
    start = ("/venv/bin/python", "/deduper/src/main.py", "analyze_fast")

    assert commands().for_job(job()).argv == start
    assert commands().for_job(job(report_id=0)).argv == (*start, "--report-id", "0")


@pytest.mark.usefixtures("environment")
def test_the_table_is_cleared_without_asking_and_within_its_own_time() -> None:
    command = commands(job_timeout_seconds=5).clear_table()

    assert command.argv == ("/venv/bin/python", "/deduper/src/main.py", "clear_table", "-y")
    assert command.timeout_seconds == 60


@pytest.mark.usefixtures("environment")
def test_a_job_has_no_time_limit_unless_one_is_set() -> None:
    assert commands().for_job(job()).timeout_seconds is None
    assert commands(job_timeout_seconds=5).for_job(job()).timeout_seconds == 5


def test_the_child_inherits_the_environment_under_another_log_name(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAME_APP", "TheWorkerItself")

    inherited = commands().for_job(job(request_id="r-1")).environment

    assert inherited["NAME_APP"] == "NewsNexusPythonDeduper"
    assert inherited["WORKER_REQUEST_ID"] == "r-1"
    assert inherited["PATH_TO_PYTHON_VENV"] == environment["PATH_TO_PYTHON_VENV"]
    assert inherited["WORKER_JOB_ID"] == "7"
    assert "WORKER_REQUEST_ID" not in commands().for_job(job()).environment
    assert "WORKER_JOB_ID" not in commands().clear_table("r-1").environment


@pytest.mark.usefixtures("environment")
def test_each_attempt_keeps_its_output_in_a_file_of_its_own(tmp_path: Path) -> None:
    made = commands(job_store=tmp_path / "jobs.sqlite3")

    first, second = made.for_job(job(token=0)).output, made.for_job(job(token=1)).output

    assert first == tmp_path / "jobs-output" / "job-7-attempt-1"
    assert second == tmp_path / "jobs-output" / "job-7-attempt-2"


@pytest.mark.usefixtures("environment")
def test_every_missing_path_is_named() -> None:
    bare = commands(path_to_python_venv="", path_to_microservice_deduper=None)

    with pytest.raises(ConfigurationError) as raised:
        bare.for_job(job())

    assert str(raised.value) == (
        "Missing environment variables: PATH_TO_PYTHON_VENV, PATH_TO_MICROSERVICE_DEDUPER"
    )
