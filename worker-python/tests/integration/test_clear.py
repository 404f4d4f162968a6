"""Clearing: its five situations, and creates that arrive meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]

CLEAR = "/deduper/clear-db-table"
RAN = {"cleared", "cancelledJobs", "exitCode", "stdout", "stderr", "timestamp"}


async def test_an_idle_worker_clears(worker: httpx.AsyncClient) -> None:
    answer = await worker.delete(CLEAR)

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == RAN
    assert (body["cleared"], body["cancelledJobs"], body["exitCode"]) == (True, [], 0)
    assert body["stdout"] == "clear_table -y\n"


async def test_pending_and_running_jobs_are_cancelled_and_listed(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"analyze_fast": {"delay": 60}})
    for _ in range(3):
        await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")

    body = (await worker.delete(CLEAR)).json()

    assert body["cancelledJobs"] == [1, 2, 3]
    listed = (await worker.get("/deduper/jobs/list")).json()["jobs"]
    assert [job["status"] for job in listed] == ["cancelled"] * 3


async def test_a_failing_command_is_told_with_its_output(start_worker: StartWorker) -> None:
    worker = await start_worker({"clear_table": {"exit": 1, "stderr": "database is locked"}})

    answer = await worker.delete(CLEAR)

    assert answer.status_code == 500
    body = answer.json()
    assert set(body) == {*RAN, "error"}
    assert (body["cleared"], body["exitCode"]) == (False, 1)
    assert body["error"] == "Clear table command failed"
    assert body["stderr"] == "database is locked"


@pytest.mark.parametrize("missing", ["PATH_TO_PYTHON_VENV", "PATH_TO_MICROSERVICE_DEDUPER"])
async def test_without_a_path_nothing_is_cancelled(start_worker: StartWorker, missing: str) -> None:
    worker = await start_worker(**{missing: ""})

    answer = await worker.delete(CLEAR)

    assert answer.status_code == 500
    assert answer.json() == {"error": f"Missing environment variables: {missing}"}


async def test_a_command_out_of_time_is_stopped_and_the_cancelled_jobs_are_told(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60}, CLEAR_TIMEOUT_SECONDS="0.3")
    await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")

    answer = await worker.delete(CLEAR)

    assert answer.status_code == 500
    body = answer.json()
    assert set(body) == {"error", "cancelledJobs", "timestamp"}
    assert body["error"] == "Clear table command timed out"
    assert body["cancelledJobs"] == [1]


async def test_a_missing_interpreter_is_told(start_worker: StartWorker, tmp_path: Path) -> None:
    worker = await start_worker(PATH_TO_PYTHON_VENV=str(tmp_path / "no-venv"))

    answer = await worker.delete(CLEAR)

    assert answer.status_code == 500
    body = answer.json()
    assert set(body) == {"error", "cancelledJobs", "timestamp"}
    assert "no-venv/bin/python" in body["error"]


async def test_a_job_created_during_a_clear_waits_and_then_runs(
    start_worker: StartWorker,
    wait_for_status: WaitForStatus,
    wait_for_file: Callable[[Path], Awaitable[None]],
    tmp_path: Path,
) -> None:
    started, gate = tmp_path / "started", tmp_path / "gate"
    worker = await start_worker({"clear_table": {"touch": str(started), "until": str(gate)}})
    clear = asyncio.create_task(worker.delete(CLEAR))
    await wait_for_file(started)

    created = await worker.get("/deduper/jobs")
    waiting = (await worker.get("/deduper/jobs/1")).json()
    gate.touch()

    assert (created.status_code, waiting["status"]) == (201, "pending")
    assert (await clear).json()["cancelledJobs"] == []
    assert (await wait_for_status(worker, 1))["status"] == "completed"
