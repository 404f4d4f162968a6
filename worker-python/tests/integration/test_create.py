"""Creating jobs: kept before it is acknowledged, run in order, failed where it cannot run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from worker_python.app import create_app

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_report_job_runs_the_deduper_for_that_report(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    answer = await worker.get("/deduper/jobs/reportId/84")

    assert answer.status_code == 201
    assert answer.content == b'{"jobId":1,"reportId":84,"status":"pending"}\n'
    job = await wait_for_status(worker, 1)
    assert job["status"] == "completed"
    assert job["stdout"] == "analyze_fast --report-id 84\n"
    assert set(job) == {
        "jobId",
        "reportId",
        "status",
        "createdAt",
        "startedAt",
        "completedAt",
        "exitCode",
        "stdout",
        "stderr",
    }


async def test_a_job_without_a_report_takes_the_ids_of_the_csv(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    answer = await worker.get("/deduper/jobs")

    assert (answer.status_code, answer.content) == (201, b'{"jobId":1,"status":"pending"}\n')
    job = await wait_for_status(worker, 1)
    assert job["stdout"] == "analyze_fast\n"
    assert "reportId" not in job


@pytest.mark.parametrize(
    ("written", "report_id"),
    [("007", 7), ("0", 0), ("9" * 26, int("9" * 26)), ("٣٤", 34)],
)
async def test_a_report_id_is_the_number_its_digits_write(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus, written: str, report_id: int
) -> None:
    answer = await worker.get(f"/deduper/jobs/reportId/{written}")

    assert (answer.status_code, answer.json()["reportId"]) == (201, report_id)
    job = await wait_for_status(worker, 1)
    assert job["reportId"] == report_id
    assert job["stdout"] == f"analyze_fast --report-id {report_id}\n"


async def test_the_child_inherits_the_environment_and_logs_under_its_own_name(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("NAME_DB=from-dotenv.db\nPATH_TO_CSV=from-dotenv.csv\n")
    dump = tmp_path / "environment.json"
    worker = await start_worker(
        {"environment": str(dump)}, NAME_APP="TheWorkerItself", PATH_TO_CSV="of-the-process.csv"
    )

    await worker.get("/deduper/jobs", headers={"X-Request-ID": "r-1"})
    await wait_for_status(worker, 1)

    inherited = json.loads(dump.read_text())
    assert inherited["NAME_APP"] == "NewsNexusPythonDeduper"
    assert inherited["NAME_DB"] == "from-dotenv.db"
    assert inherited["PATH_TO_CSV"] == "of-the-process.csv"
    assert inherited["WORKER_REQUEST_ID"] == "r-1"


@pytest.mark.parametrize("missing", ["PATH_TO_PYTHON_VENV", "PATH_TO_MICROSERVICE_DEDUPER"])
@pytest.mark.parametrize("value", [None, ""])
async def test_without_a_path_the_create_is_answered_and_the_job_fails(
    start_worker: StartWorker, wait_for_status: WaitForStatus, missing: str, value: str | None
) -> None:
    worker = await start_worker(**{missing: value})

    answer = await worker.get("/deduper/jobs/reportId/1")

    assert answer.status_code == 201
    job = await wait_for_status(worker, 1)
    assert job["status"] == "failed"
    assert job["error"] == f"Missing environment variables: {missing}"
    assert set(job) == {"jobId", "reportId", "status", "createdAt", "completedAt", "error"}


async def test_a_missing_interpreter_fails_the_job_without_an_exit_code(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    worker = await start_worker(PATH_TO_PYTHON_VENV=str(tmp_path / "no-venv"))

    await worker.get("/deduper/jobs/reportId/1")

    job = await wait_for_status(worker, 1)
    assert job["status"] == "failed"
    assert "no-venv/bin/python" in job["error"]
    assert not {"exitCode", "stdout", "stderr", "startedAt"} & set(job)


async def test_a_missing_script_is_pythons_exit_code_2(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    worker = await start_worker(PATH_TO_MICROSERVICE_DEDUPER=str(tmp_path / "no-deduper"))

    await worker.get("/deduper/jobs/reportId/1")

    job = await wait_for_status(worker, 1)
    assert (job["status"], job["exitCode"]) == ("failed", 2)
    assert "error" not in job


async def test_a_failing_deduper_fails_its_job(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"exit": 3, "stderr": "no model"})

    await worker.get("/deduper/jobs")

    job = await wait_for_status(worker, 1)
    assert (job["status"], job["exitCode"], job["stderr"]) == ("failed", 3, "no model")


async def test_a_job_out_of_time_is_stopped_and_says_so(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60}, JOB_TIMEOUT_SECONDS="0.3")

    await worker.get("/deduper/jobs")

    job = await wait_for_status(worker, 1)
    assert job["status"] == "failed"
    assert "0.3" in job["error"]


async def test_one_deduper_runs_at_a_time_and_the_rest_wait_in_order(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    worker = await start_worker({"until": str(gate)})
    for report_id in (1, 2, 3):
        await worker.get(f"/deduper/jobs/reportId/{report_id}")

    await wait_for_status(worker, 1, "running")
    listed = (await worker.get("/deduper/jobs/list")).json()["jobs"]
    assert [job["status"] for job in listed] == ["running", "pending", "pending"]
    gate.touch()

    ended = [await wait_for_status(worker, job_id) for job_id in (1, 2, 3)]
    assert [job["status"] for job in ended] == ["completed"] * 3
    starts = [job["startedAt"] for job in ended]
    assert starts == sorted(starts)
    assert ended[0]["completedAt"] <= ended[1]["startedAt"]


async def test_a_create_that_cannot_be_kept_answers_500_and_starts_nothing(
    worker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None) as connection:
        connection.execute("DROP TABLE jobs")
    connection.close()

    answer = await worker.get("/deduper/jobs")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}


@pytest.mark.usefixtures("environment")
async def test_a_restart_keeps_the_jobs_and_their_ids_go_on(
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    wait_for_status: WaitForStatus,
) -> None:
    for expected in (1, 2):
        app = create_app()
        async with (
            lifespan(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://worker"
            ) as worker,
        ):
            assert (await worker.get("/deduper/jobs")).json()["jobId"] == expected
            await wait_for_status(worker, expected)
            listed = (await worker.get("/deduper/jobs/list")).json()["jobs"]
            assert [job["jobId"] for job in listed] == list(range(1, expected + 1))


async def test_ids_begin_where_the_settings_say(start_worker: StartWorker) -> None:
    worker = await start_worker(JOB_ID_START="1000")

    assert (await worker.get("/deduper/jobs")).json()["jobId"] == 1000


async def test_where_that_is_wanted_a_report_is_given_the_job_that_waits_for_it(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60}, JOIN_WAITING_JOBS="true")
    await worker.get("/deduper/jobs/reportId/84")
    await wait_for_status(worker, 1, "running")

    answers = [await worker.get("/deduper/jobs/reportId/84") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert {answer.text for answer in answers} == {'{"jobId":2,"reportId":84,"status":"pending"}\n'}
    assert len((await worker.get("/deduper/jobs/list")).json()["jobs"]) == 2


async def test_without_that_setting_every_request_is_a_job(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60})
    await worker.get("/deduper/jobs/reportId/84")
    await wait_for_status(worker, 1, "running")

    ids = [(await worker.get("/deduper/jobs/reportId/84")).json()["jobId"] for _ in range(2)]

    assert ids == [2, 3]
