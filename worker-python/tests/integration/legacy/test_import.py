"""`worker-python import-jobs`: the old worker's ids are answered by the new one, as they were."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from worker_python.cli import main

pytestmark = pytest.mark.slow
StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
StartOldWorker = Callable[..., Awaitable[httpx.AsyncClient]]
Pretend = Callable[..., str]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]
Import = Callable[[str], Awaitable[tuple[int, str, str]]]

FIRST_ID = 1_000_000
IDS = str(FIRST_ID)


@pytest.fixture
def settings(environment: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a worker needs, and ids that leave room for the old ones."""
    del environment
    monkeypatch.setenv("JOB_ID_START", IDS)


@pytest.fixture
def import_jobs(settings: None, capsys: pytest.CaptureFixture[str]) -> Import:
    """Run the command; returns code, stdout, stderr."""
    del settings

    async def run(url: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, ["import-jobs", "--from", url])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def import_in_a_process(settings: None) -> Import:
    """Run the command as a process beside whatever runs; returns code, stdout, stderr."""
    del settings
    program = str(Path(sys.executable).with_name("worker-python"))

    async def run(url: str) -> tuple[int, str, str]:
        command = (program, "import-jobs", "--from", url)
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    return run


async def test_every_id_is_answered_by_the_running_service_with_the_same_bytes(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    import_in_a_process: Import,
    tmp_path: Path,
) -> None:
    old = await start_old_worker({"stdout": "žluťoučký\n", "stderr": "a warning"})
    failing = await start_old_worker(PATH_TO_PYTHON_VENV=str(tmp_path / "none"))
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    for client, path in (
        (old, "/deduper/jobs"),
        (worker, "/deduper/jobs"),
        (old, "/deduper/jobs/reportId/98765432109876543210"),
        (failing, "/deduper/jobs"),
    ):
        await client.get(path)
    for job_id in (1, 2):
        await wait_for_status(old, job_id)
    await wait_for_status(failing, 1)
    await wait_for_status(worker, FIRST_ID)
    before = (await worker.get("/deduper/jobs/list")).content

    code, printed, _ = await import_in_a_process(str(old.base_url))

    assert code == 0, printed
    assert "2 jobs" in printed
    assert "2 new" in printed
    for job_id in (1, 2):
        path = f"/deduper/jobs/{job_id}"
        assert (await worker.get(path)).content == (await old.get(path)).content
    assert (await worker.get("/deduper/jobs/list")).content == before
    refused = await worker.post("/deduper/jobs/1/cancel")
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "Cannot cancel job with status: completed"},
    )
    assert (await worker.get("/deduper/jobs")).json()["jobId"] == FIRST_ID + 1


async def test_importing_again_changes_nothing(
    start_old_worker: StartOldWorker, wait_for_status: WaitForStatus, import_jobs: Import
) -> None:
    old = await start_old_worker()
    await old.get("/deduper/jobs")
    await wait_for_status(old, 1)

    first, again = await import_jobs(str(old.base_url)), await import_jobs(str(old.base_url))

    assert "1 jobs" in first[1]
    assert "1 new" in first[1]
    assert (again[0], again[1].endswith(", 0 new\n")) == (0, True)


async def test_afterwards_nobody_asks_the_old_worker_any_more(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    import_jobs: Import,
) -> None:
    old = await start_old_worker()
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    await old.get("/deduper/jobs")
    await wait_for_status(old, 1)
    await import_jobs(str(old.base_url))
    await old.get("/deduper/jobs")

    listed = (await worker.get("/deduper/jobs/list")).json()
    health = (await worker.get("/deduper/health")).json()
    cleared = (await worker.delete("/deduper/clear-db-table")).json()

    assert [job["jobId"] for job in listed["jobs"]] == [1]
    assert health["jobs"]["total"] == 1
    assert "partial" not in {**listed, **health, **cleared}


async def test_jobs_that_have_not_ended_are_refused_by_name(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    import_jobs: Import,
    gate: Path,
) -> None:
    old = await start_old_worker({"until": str(gate)})
    worker = await start_worker(JOB_ID_START=IDS)
    for _ in range(12):
        await old.get("/deduper/jobs")
    await wait_for_status(old, 1, "running")

    code, _, told = await import_jobs(str(old.base_url))

    assert code == 1
    assert "has not ended jobs 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more" in told
    assert (await worker.get("/deduper/jobs/list")).json() == {"jobs": []}


async def test_ids_that_may_be_ours_are_refused(
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    import_jobs: Import,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOB_ID_START", "1")
    old = await start_old_worker()
    await old.get("/deduper/jobs")
    await wait_for_status(old, 1)

    code, _, told = await import_jobs(str(old.base_url))

    assert code == 1
    assert "job 1, but ids from 1 on are ours: set JOB_ID_START" in told


async def test_an_old_worker_that_takes_jobs_meanwhile_is_refused(
    pretend: Pretend, import_jobs: Import
) -> None:
    first, second = _job(1), _job(2)

    code, _, told = await import_jobs(pretend(_listed(first), first, _listed(first, second)))

    assert code == 1
    assert "still takes jobs" in told


async def test_a_detail_of_unknown_shape_is_refused(pretend: Pretend, import_jobs: Import) -> None:
    code, _, told = await import_jobs(pretend(_listed(_job(1))))

    assert code == 1
    assert "GET /deduper/jobs/1 was answered in a shape we do not know" in told


async def test_an_old_worker_that_does_not_answer_is_named(import_jobs: Import) -> None:
    code, _, told = await import_jobs("http://127.0.0.1:9")

    assert code == 1
    assert "no answer to GET /deduper/jobs/list" in told


async def test_a_store_that_cannot_be_written_is_named(
    start_old_worker: StartOldWorker, import_jobs: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_STORE", "/proc/nowhere/jobs.sqlite3")
    old = await start_old_worker()

    code, _, told = await import_jobs(str(old.base_url))

    assert code == 1
    assert "/proc/nowhere/jobs.sqlite3 is unavailable" in told


def _job(job_id: int) -> bytes:
    moment = "2026-01-31T09:30:00.000000+00:00"
    return json.dumps({"jobId": job_id, "status": "completed", "createdAt": moment}).encode()


def _listed(*jobs: bytes) -> bytes:
    return b'{"jobs":[' + b",".join(jobs) + b"]}"
