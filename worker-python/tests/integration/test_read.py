"""Reading jobs: one, and all of them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


@pytest.mark.parametrize("job_id", ["1", "0", "9" * 19, "9" * 40])
async def test_a_job_that_is_not_there_is_404(worker: httpx.AsyncClient, job_id: str) -> None:
    answer = await worker.get(f"/deduper/jobs/{job_id}")

    assert (answer.status_code, answer.content) == (404, b'{"error":"Job not found"}\n')
    assert answer.headers["content-type"] == "application/json"


async def test_times_are_in_utc_with_microseconds(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    await worker.get("/deduper/jobs")

    job = await wait_for_status(worker, 1)

    for key in ("createdAt", "startedAt", "completedAt"):
        assert MOMENT.fullmatch(job[key]), key
    assert job["createdAt"] <= job["startedAt"] <= job["completedAt"]


async def test_the_list_is_empty_first(worker: httpx.AsyncClient) -> None:
    answer = await worker.get("/deduper/jobs/list")

    assert (answer.status_code, answer.content) == (200, b'{"jobs":[]}\n')


async def test_the_list_has_three_keys_a_job_in_the_order_of_creation(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    for report_id in (5, 6, 7):
        await worker.get(f"/deduper/jobs/reportId/{report_id}")
    await wait_for_status(worker, 3)

    answer = await worker.get("/deduper/jobs/list")

    jobs = answer.json()["jobs"]
    assert [job["jobId"] for job in jobs] == [1, 2, 3]
    assert all(set(job) == {"jobId", "status", "createdAt"} for job in jobs)
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.content.endswith(b"]}\n")
    details = [(await worker.get(f"/deduper/jobs/{job['jobId']}")).json() for job in jobs]
    assert [job["createdAt"] for job in jobs] == [job["createdAt"] for job in details]


async def test_the_whole_output_of_a_job_is_given(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    written = "0123456789" * 5_000
    worker = await start_worker({"stdout": written, "stderr": "warned"}, OUTPUT_TAIL_BYTES="100")
    await worker.get("/deduper/jobs/reportId/84")
    job = await wait_for_status(worker, 1)

    answers = [await worker.get(f"/deduper/jobs/1/{name}") for name in ("stdout", "stderr")]

    assert len(job["stdout"]) < len(written)
    assert [answer.text for answer in answers] == [
        f"analyze_fast --report-id 84\n{written}",
        "warned",
    ]
    assert answers[0].headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_job_that_never_had_a_process_has_written_nothing(
    start_worker: StartWorker,
) -> None:
    worker = await start_worker({"delay": 60})
    for report in (84, 85):
        await worker.get(f"/deduper/jobs/reportId/{report}")

    answer = await worker.get("/deduper/jobs/2/stdout")

    assert (answer.status_code, answer.text) == (200, "")
    assert (await worker.get("/deduper/jobs/3/stdout")).status_code == 404
