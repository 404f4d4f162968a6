"""Each setting of the engine reaches the part that it is about."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI

from worker_python.app import create_app
from worker_python.engines.testing import until

CREATE = "/deduper/jobs/reportId/84"

Served = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForFile = Callable[[Path], Awaitable[None]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def served(
    environment: dict[str, str],
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> Served:
    """Serve once, on the test's database: the next time it is a restart."""
    del environment

    @asynccontextmanager
    async def serve(
        orders: dict[str, Any] | None = None, **variables: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        for name, value in {**variables, "FAKE_DEDUPER": json.dumps(orders or {})}.items():
            monkeypatch.setenv(name, value)
        app = create_app()
        transport = httpx.ASGITransport(app)
        async with lifespan(app), httpx.AsyncClient(transport=transport) as client:
            client.base_url = "http://worker"
            yield client

    return serve


@pytest.fixture
def leave() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Leave a process with a marker behind, as a service does that was killed with its guard."""
    left = []

    def leave_it(marker: str) -> subprocess.Popen[bytes]:
        environment = {"WORKER_ATTEMPT_MARKER": marker}
        left.append(subprocess.Popen(["/bin/sleep", "600"], env=environment))
        return left[-1]

    yield leave_it
    for process in left:
        process.kill()
        process.wait()


async def test_so_many_jobs_run_at_once(
    start_worker: StartWorker, wait_for_status: WaitForStatus
) -> None:
    worker = await start_worker({"delay": 60}, MAX_CONCURRENT_JOBS="2")
    for _ in range(3):
        await worker.get(CREATE)

    await wait_for_status(worker, 2, "running")

    assert await statuses(worker) == {1: "running", 2: "running", 3: "pending"}


async def test_a_child_is_killed_after_the_grace_it_has(
    start_worker: StartWorker, wait_for_file: WaitForFile, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    worker = await start_worker({"started": str(started), "delay": 60}, CANCEL_GRACE_SECONDS="0")
    await worker.get(CREATE)
    await wait_for_file(started)

    await worker.post("/deduper/jobs/1/cancel")

    assert (await worker.get("/deduper/jobs/1")).json()["exitCode"] == -signal.SIGKILL


async def test_output_is_shown_and_kept_as_far_as_allowed(
    start_worker: StartWorker, wait_for_status: WaitForStatus, tmp_path: Path
) -> None:
    worker = await start_worker(
        {"stdout": "0123456789"}, OUTPUT_TAIL_BYTES="3", OUTPUT_MAX_BYTES="7"
    )
    await worker.get("/deduper/jobs")

    assert (await wait_for_status(worker, 1))["stdout"] == "789"
    kept = (tmp_path / "jobs-output" / "job-1-attempt-1.stdout.log").read_text()
    assert kept == "analyze\n… 16 more bytes were not kept\n"


@pytest.mark.parametrize(
    ("setting", "value", "left"), [("KEEP_JOBS", "1", {3}), ("KEEP_DAYS", "1e-9", set())]
)
async def test_a_restart_forgets_ended_jobs_beyond_what_is_kept(
    served: Served, wait_for_status: WaitForStatus, setting: str, value: str, left: set[int]
) -> None:
    async with served() as worker:
        for job_id in (1, 2, 3):
            await worker.get(CREATE)
            await wait_for_status(worker, job_id)
        assert set(await statuses(worker)) == {1, 2, 3}

    async with served(**{setting: value}) as worker:

        async def forgotten() -> bool:
            return set(await statuses(worker)) == left

        await until(forgotten)


async def test_a_stop_waits_no_longer_than_it_may(
    served: Served, wait_for_file: WaitForFile, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    async with served({"started": str(started), "delay": 3}, DRAIN_SECONDS="0") as worker:
        await worker.get(CREATE)
        await wait_for_file(started)

    async with served() as worker:
        job = (await worker.get("/deduper/jobs/1")).json()
    assert job["error"] == "the service was stopped before it had ended"


@pytest.mark.parametrize(("retry", "status"), [("true", "completed"), ("false", "failed")])
async def test_a_lost_job_runs_again_where_that_is_wanted(
    start_worker: StartWorker,
    wait_for_status: WaitForStatus,
    wait_for_file: WaitForFile,
    tmp_path: Path,
    retry: str,
    status: str,
) -> None:
    started, gate = tmp_path / "started", tmp_path / "gate"
    orders = {"started": str(started), "until": str(gate)}
    worker = await start_worker(orders, RETRY_LOST_JOBS=retry)
    await worker.get(CREATE)
    await wait_for_file(started)

    (guard,) = psutil.Process().children()
    guard.kill()
    gate.touch()

    assert (await wait_for_status(worker, 1))["status"] == status


async def test_what_is_left_of_a_clear_is_taken_down_by_the_next_start_on_that_database(
    served: Served, leave: Callable[[str], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    dump = tmp_path / "environment.json"
    async with served({"environment": str(dump)}) as worker:
        await worker.delete("/deduper/clear-db-table")
    left = leave(json.loads(dump.read_text())["WORKER_ATTEMPT_MARKER"])

    async with served(JOB_STORE=str(tmp_path / "another.sqlite3")):
        assert left.poll() is None
    async with served(JOB_STORE=str(tmp_path / "jobs.sqlite3")):
        assert left.poll() == -signal.SIGTERM


async def statuses(worker: httpx.AsyncClient) -> dict[int, str]:
    jobs = (await worker.get("/deduper/jobs/list")).json()["jobs"]
    return {job["jobId"]: job["status"] for job in jobs}
