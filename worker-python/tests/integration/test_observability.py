"""What operators see: log lines, the request id, metrics."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
LIMIT_SECONDS = 30.0
STATUSES = ("pending", "running", "completed", "failed", "cancelled")
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_job_writes_one_line_a_move(
    worker: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await worker.get("/deduper/jobs/reportId/84", headers={"X-Request-ID": "r-7"})

    written = ""
    async with asyncio.timeout(LIMIT_SECONDS):  # a move is told after it is kept
        while written.count("\n") < 3:
            written += capsys.readouterr().out
            await asyncio.sleep(0.005)
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["job enqueued", "job started", "job completed"]
    for line in lines:
        assert (line["job_id"], line["report_id"], line["request_id"]) == (1, 84, "r-7")
        assert line["timestamp"].endswith("Z")
    assert lines[1]["pid"] > 0
    assert lines[2]["attempt"] == 1
    assert lines[2]["exit_code"] == 0
    assert lines[2]["seconds"] > 0


async def test_an_id_is_sent_back_only_where_one_was_sent(worker: httpx.AsyncClient) -> None:
    given = await worker.get("/deduper/health", headers={"X-Request-ID": "r-7"})
    none = await worker.get("/deduper/health")
    unfit = await worker.get("/deduper/health", headers={"X-Request-ID": "r 7\t"})

    assert given.headers["x-request-id"] == "r-7"
    assert "x-request-id" not in none.headers
    assert "x-request-id" not in unfit.headers


async def test_a_job_without_a_callers_id_gets_one(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    dump = tmp_path / "environment.json"
    worker = await start_worker({"environment": str(dump)})

    await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1)

    assert len(json.loads(dump.read_text())["WORKER_REQUEST_ID"]) == 32


async def test_metrics_show_the_jobs_as_they_are(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60})
    for _ in range(3):
        await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")
    await worker.post("/deduper/jobs/3/cancel")

    metrics = await _metrics(worker)

    statuses = {name: metrics["worker_jobs", (name,)] for name in STATUSES}
    assert statuses == {"pending": 1, "running": 1, "completed": 0, "failed": 0, "cancelled": 1}
    assert metrics["worker_active_jobs", ()] == 1
    assert metrics["worker_queue_age_seconds", ()] > 0
    assert metrics["worker_job_cancels_total", ()] == 1


async def test_metrics_time_what_jobs_did(
    start_worker: StartWorker,
) -> None:
    worker = await start_worker({"delay": 60}, JOB_TIMEOUT_SECONDS="0.2")
    await worker.get("/deduper/jobs/reportId/1")

    async with asyncio.timeout(LIMIT_SECONDS):
        metrics = await _metrics(worker)
        while metrics["worker_job_timeouts_total", ()] < 1:
            metrics = await _metrics(worker)

    assert metrics["worker_job_time_to_start_seconds_count", ()] == 1
    assert metrics["worker_job_run_seconds_count", ("failed",)] == 1
    assert metrics["worker_job_run_seconds_sum", ("failed",)] >= 0.2
    assert metrics["worker_queue_age_seconds", ()] == 0


async def test_metrics_count_answers_by_route(worker: httpx.AsyncClient) -> None:
    for report_id in (1, 2):
        await worker.get(f"/deduper/jobs/reportId/{report_id}")
    await worker.get("/nowhere/at/all")
    await worker.request("BREW", "/deduper/jobs/1")

    metrics = await _metrics(worker)

    created = ("GET", "/deduper/jobs/reportId/{report_id}", "201")
    assert metrics["worker_http_requests_total", created] == 2
    assert metrics["worker_http_requests_total", ("GET", "unmatched", "404")] == 1
    assert metrics["worker_http_requests_total", ("OTHER", "/deduper/jobs/{job_id}", "405")] == 1


async def test_metrics_go_on_while_the_jobs_cannot_be_read(
    worker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None) as connection:
        connection.execute("DROP TABLE jobs")
    connection.close()

    metrics = await _metrics(worker)

    assert ("worker_active_jobs", ()) in metrics
    assert ("worker_jobs", ("pending",)) not in metrics


async def test_two_workers_in_one_process_count_apart(start_worker: StartWorker) -> None:
    first, second = (
        await start_worker(),
        await start_worker(JOB_STORE="second.sqlite3"),
    )

    await first.get("/deduper/jobs/list")

    listed = ("GET", "/deduper/jobs/list", "200")
    assert (await _metrics(first))["worker_http_requests_total", listed] == 1
    assert ("worker_http_requests_total", listed) not in await _metrics(second)


async def _metrics(client: httpx.AsyncClient) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
