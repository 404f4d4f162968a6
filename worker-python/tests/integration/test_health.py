"""Health: what is configured, how many jobs, how the service is."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]

CONTRACT = {"status", "timestamp", "environment", "jobs"}
NO_JOBS = dict.fromkeys(("total", "pending", "running", "completed", "failed", "cancelled"), 0)


async def test_a_configured_worker_is_healthy(worker: httpx.AsyncClient) -> None:
    answer = await worker.get("/deduper/health")

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {*CONTRACT, "worker"}
    assert body["status"] == "healthy"
    assert body["environment"] == {
        "deduper_path_configured": True,
        "deduper_path_exists": True,
        "python_venv_configured": True,
    }
    assert body["jobs"] == NO_JOBS


async def test_nothing_configured_is_healthy_all_the_same(start_worker: StartWorker) -> None:
    worker = await start_worker(PATH_TO_PYTHON_VENV=None, PATH_TO_MICROSERVICE_DEDUPER="")

    body = (await worker.get("/deduper/health")).json()

    assert body["status"] == "healthy"
    assert body["environment"] == {
        "deduper_path_configured": False,
        "python_venv_configured": False,
    }


async def test_a_path_that_does_not_exist_is_unhealthy(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = await start_worker(PATH_TO_MICROSERVICE_DEDUPER=str(tmp_path / "nowhere"))

    answer = await worker.get("/deduper/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["environment"]["deduper_path_exists"] is False


async def test_jobs_are_counted_by_status(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60})
    for _ in range(4):
        await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")
    await worker.post("/deduper/jobs/4/cancel")

    body = (await worker.get("/deduper/health")).json()

    assert body["jobs"] == {**NO_JOBS, "total": 4, "running": 1, "pending": 2, "cancelled": 1}
    assert body["worker"]["active_jobs"] == 1
    assert body["worker"]["queue_age_seconds"] >= 0
    assert body["worker"]["disk_free_bytes"] > 0
    assert body["worker"]["store_writable"] is True


async def test_jobs_that_cannot_be_counted_are_a_500_in_the_contracts_shape(
    worker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None) as connection:
        connection.execute("DROP TABLE jobs")
    connection.close()

    answer = await worker.get("/deduper/health")

    assert answer.status_code == 500
    assert set(answer.json()) == {"status", "error", "timestamp"}
    assert answer.json()["status"] == "unhealthy"
    ready = await worker.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "unready")


async def test_alive_and_ready(worker: httpx.AsyncClient) -> None:
    live, ready = await worker.get("/live"), await worker.get("/ready")

    assert (live.status_code, live.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
