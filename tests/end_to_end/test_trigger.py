"""A report asked for through `api/`, to the rows that its pages read, and away again."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rig import database, jobs
from rig.stage import Stage

REPORT, OTHER_REPORT = 1, 2


@pytest.fixture(name="expected", scope="session")
def _expected() -> dict[int, object]:
    return {}


def test_rows_appear_are_read_and_are_cleared(stage: Stage, expected: dict[int, object]) -> None:
    answer = stage.api.get(f"/request-job/{REPORT}")
    assert answer.status_code == 201
    job = answer.json()["pythonQueuerResponse"]
    assert (job["reportId"], job["status"]) == (REPORT, "pending")

    assert jobs.wait_for_job(stage.worker.url, job["jobId"])["status"] == "completed"

    rows = database.rows(stage.database, REPORT)
    assert database.duplicates(stage.database, REPORT)
    assert expected.setdefault(REPORT, rows) == rows, "the two workers wrote different rows"
    listed = stage.api.get("/job-list-status").json()["jobs"]
    assert listed[-1] == {**listed[-1], "jobId": job["jobId"], "status": "completed"}

    cleared = stage.api.delete("/clear-article-duplicate-analyses-table")
    assert (cleared.status_code, cleared.json()["pythonQueuerResponse"]["cleared"]) == (200, True)
    assert database.rows(stage.database, REPORT) == []


def test_two_reports_at_once_with_another_writer_on_the_database(stage: Stage) -> None:
    with _another_writer(stage.database):
        created = [
            stage.api.get(f"/request-job/{report}").json()["pythonQueuerResponse"]["jobId"]
            for report in (REPORT, OTHER_REPORT)
        ]
        ended = [jobs.wait_for_job(stage.worker.url, job) for job in created]

    assert [job["status"] for job in ended] == ["completed", "completed"]
    for report in (REPORT, OTHER_REPORT):
        assert database.rows(stage.database, report)


def test_the_page_loads_only_while_one_runs(stage: Stage) -> None:
    job = stage.api.get(f"/request-job/{REPORT}").json()["pythonQueuerResponse"]["jobId"]
    seen: set[str] = set()
    jobs.wait_for_job(
        stage.worker.url,
        job,
        tick=lambda _: seen.update(
            one["status"] for one in stage.api.get("/job-list-status").json()["jobs"]
        ),
    )

    assert "running" in seen
    listed = stage.api.get("/job-list-status").json()["jobs"]
    assert all(one["status"] != "running" for one in listed)


@contextmanager
def _another_writer(path: Path) -> Iterator[None]:
    done = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            while not done.is_set():
                connection.execute("UPDATE Articles SET updatedAt = updatedAt WHERE id = 1")
                connection.commit()
                done.wait(0.005)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
