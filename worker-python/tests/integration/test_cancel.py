"""Cancelling: pending, running, deaf, ended, unknown, and ten at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_running_job_is_cancelled_when_the_answer_comes(
    start_worker: StartWorker,
    wait_for_file: Callable[[Path], Awaitable[None]],
    tmp_path: Path,
) -> None:
    started = tmp_path / "started"
    worker = await start_worker({"started": str(started), "delay": 60})
    await worker.get("/deduper/jobs/reportId/1")
    await wait_for_file(started)

    answer = await worker.post("/deduper/jobs/1/cancel")

    assert answer.status_code == 200
    assert answer.content == (
        b'{"jobId":1,"message":"Job cancelled successfully","status":"cancelled"}\n'
    )
    job = (await worker.get("/deduper/jobs/1")).json()
    assert (job["status"], job["exitCode"]) == ("cancelled", -15)
    assert "completedAt" in job


async def test_a_child_deaf_to_sigterm_is_killed_and_its_job_is_cancelled(
    start_worker: StartWorker,
    wait_for_file: Callable[[Path], Awaitable[None]],
    tmp_path: Path,
) -> None:
    started = tmp_path / "started"
    worker = await start_worker(
        {"deaf": True, "started": str(started), "delay": 60}, CANCEL_GRACE_SECONDS="0.1"
    )
    await worker.get("/deduper/jobs")
    await wait_for_file(started)

    answer = await worker.post("/deduper/jobs/1/cancel")

    assert answer.status_code == 200
    job = (await worker.get("/deduper/jobs/1")).json()
    assert (job["status"], job["exitCode"]) == ("cancelled", -9)


async def test_a_pending_job_that_is_cancelled_never_starts(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    worker = await start_worker({"until": str(gate)})
    for _ in range(3):
        await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")

    answer = await worker.post("/deduper/jobs/2/cancel")
    gate.touch()
    await wait_for_status(worker, 3)

    assert answer.status_code == 200
    job = (await worker.get("/deduper/jobs/2")).json()
    assert job["status"] == "cancelled"
    assert not {"startedAt", "exitCode", "stdout", "stderr"} & set(job)


async def test_an_ended_job_cannot_be_cancelled(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    await worker.get("/deduper/jobs")
    before = await wait_for_status(worker, 1)

    answer = await worker.post("/deduper/jobs/1/cancel")

    assert answer.status_code == 400
    assert answer.content == b'{"error":"Cannot cancel job with status: completed"}\n'
    assert (await worker.get("/deduper/jobs/1")).json() == before


async def test_an_unknown_job_cannot_be_cancelled(worker: httpx.AsyncClient) -> None:
    answer = await worker.post("/deduper/jobs/9/cancel")

    assert (answer.status_code, answer.content) == (404, b'{"error":"Job not found"}\n')


async def test_of_ten_cancels_at_once_one_wins_and_nine_are_told(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60})
    await worker.get("/deduper/jobs")
    await wait_for_status(worker, 1, "running")

    answers = await asyncio.gather(*(worker.post("/deduper/jobs/1/cancel") for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    told = {answer.json()["error"] for answer in answers if answer.status_code == 400}
    assert told == {"Cannot cancel job with status: cancelled"}
