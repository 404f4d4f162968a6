"""List, health and clear beside the old worker: both parts, or ours alone and said so."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
StartOldWorker = Callable[..., Awaitable[httpx.AsyncClient]]
Pretend = Callable[..., str]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]

LIST, HEALTH, CLEAR = "/deduper/jobs/list", "/deduper/health", "/deduper/clear-db-table"
FIRST_ID = 1_000_000
IDS = str(FIRST_ID)


async def test_the_list_is_that_of_both_in_the_order_of_creation(
    start_worker: StartWorker, start_old_worker: StartOldWorker
) -> None:
    old = await start_old_worker()
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    for client in (old, worker, old, worker):
        await client.get("/deduper/jobs")

    answer = await worker.get(LIST)

    body = answer.json()
    assert set(body) == {"jobs"}
    assert [job["jobId"] for job in body["jobs"]] == [1, FIRST_ID, 2, FIRST_ID + 1]
    assert all(set(job) == {"jobId", "status", "createdAt"} for job in body["jobs"])
    moments = [job["createdAt"] for job in body["jobs"]]
    assert moments == sorted(moments)


async def test_the_bytes_of_the_old_workers_jobs_are_its_own(
    start_worker: StartWorker, start_old_worker: StartOldWorker, wait_for_status: WaitForStatus
) -> None:
    old = await start_old_worker({"exit": 1})
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    await old.get("/deduper/jobs")
    await wait_for_status(old, 1, "failed")

    assert (await worker.get(LIST)).content == (await old.get(LIST)).content


async def test_health_counts_the_jobs_of_both(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
) -> None:
    old = await start_old_worker({"exit": 1})
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    await old.get("/deduper/jobs")
    await worker.get("/deduper/jobs")
    await wait_for_status(worker, FIRST_ID)
    await wait_for_status(old, 1, "failed")

    body = (await worker.get(HEALTH)).json()

    assert set(body) == {"status", "timestamp", "environment", "jobs", "worker"}
    assert body["jobs"]["total"] == 2
    assert (body["jobs"]["completed"], body["jobs"]["failed"]) == (1, 1)
    assert body["status"] == "healthy"


async def test_an_unhealthy_old_worker_makes_both_unhealthy(
    start_worker: StartWorker, start_old_worker: StartOldWorker, tmp_path: Path
) -> None:
    old = await start_old_worker(PATH_TO_MICROSERVICE_DEDUPER=str(tmp_path / "nowhere"))
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url))

    assert (await worker.get(HEALTH)).json()["status"] == "unhealthy"


async def test_a_clear_cancels_the_jobs_of_both_and_empties_the_table_once(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    gate: Path,
) -> None:
    long = {"analyze_fast": {"until": str(gate)}}
    old = await start_old_worker({**long, "clear_table": {"stdout": "the old worker's"}})
    worker = await start_worker(
        {**long, "clear_table": {"stdout": "ours"}},
        LEGACY_WORKER_URL=str(old.base_url),
        JOB_ID_START=IDS,
    )
    await old.get("/deduper/jobs")
    await worker.get("/deduper/jobs")
    await worker.get("/deduper/jobs")
    await wait_for_status(worker, FIRST_ID, "running")

    answer = await worker.delete(CLEAR)

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"cleared", "cancelledJobs", "exitCode", "stdout", "stderr", "timestamp"}
    assert body["cancelledJobs"] == [1, FIRST_ID, FIRST_ID + 1]
    assert body["stdout"] == "clear_table -y\nthe old worker's"
    assert {job["status"] for job in (await worker.get(LIST)).json()["jobs"]} == {"cancelled"}


async def test_a_clear_that_fails_there_fails_here(
    start_worker: StartWorker, start_old_worker: StartOldWorker
) -> None:
    old = await start_old_worker({"clear_table": {"exit": 3, "stderr": "locked"}})
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url))

    answer = await worker.delete(CLEAR)

    assert answer.status_code == 500
    body = answer.json()
    assert (body["cleared"], body["exitCode"], body["stderr"]) == (False, 3, "locked")
    assert body["error"] == "Clear table command failed"
    assert "partial" not in body


async def test_a_create_during_a_bridged_clear_waits_and_then_runs(
    start_worker: StartWorker,
    start_old_worker: StartOldWorker,
    wait_for_status: WaitForStatus,
    wait_for_file: Callable[[Path], Awaitable[None]],
    gate: Path,
    tmp_path: Path,
) -> None:
    started = tmp_path / "started"
    old = await start_old_worker({"clear_table": {"touch": str(started), "until": str(gate)}})
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), JOB_ID_START=IDS)
    clear = asyncio.create_task(worker.delete(CLEAR))
    await wait_for_file(started)

    created = await worker.get("/deduper/jobs")
    waiting = (await worker.get(f"/deduper/jobs/{FIRST_ID}")).json()
    await asyncio.to_thread(gate.touch)

    assert (created.status_code, waiting["status"]) == (201, "pending")
    assert (await clear).json()["cancelledJobs"] == []
    assert (await wait_for_status(worker, FIRST_ID))["status"] == "completed"


HTML = b"<title>500 Internal Server Error</title>"
BROKEN: Mapping[str, tuple[bytes | None, int]] = {
    "hangs": (None, 200),
    "answers a page": (HTML, 200),
    "fails with a page": (HTML, 500),
    "answers in another shape": (b'{"data":{}}', 200),
    "answers with jobs of another shape": (b'{"jobs":[{"id":1}]}', 200),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_without_a_proper_answer_ours_goes_out_alone_and_says_so(
    start_worker: StartWorker,
    pretend: Pretend,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: str,
) -> None:
    monkeypatch.setattr("worker_python.deduper.legacy.client.CLEAR_TIMEOUT_SECONDS", 0.3)
    body, status = BROKEN[case]
    old = pretend(body, status=status)
    worker = await start_worker(LEGACY_WORKER_URL=old, LEGACY_TIMEOUT_SECONDS="0.3")
    await worker.get("/deduper/jobs")

    listed, health, cleared = [
        await worker.request(method, path)
        for method, path in (("GET", LIST), ("GET", HEALTH), ("DELETE", CLEAR))
    ]

    for answer in (listed, health, cleared):
        assert answer.status_code == 200
        assert answer.json()["partial"] is True
    assert [job["jobId"] for job in listed.json()["jobs"]] == [1]
    assert health.json()["jobs"]["total"] == 1
    assert cleared.json()["stdout"] == "clear_table -y\n"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if line["event"] == "answered without the old worker"]
    assert [line["part"] for line in told] == ["list", "health", "clear"]
    metrics = (await worker.get("/metrics")).text
    for part in ("list", "health", "clear"):
        assert f'worker_partial_answers_total{{part="{part}"}} 1.0' in metrics


async def test_a_worker_that_is_gone_costs_no_time(start_worker: StartWorker) -> None:
    worker = await start_worker(LEGACY_WORKER_URL="http://127.0.0.1:9", LEGACY_TIMEOUT_SECONDS="60")

    began = time.monotonic()
    body = (await worker.get(LIST)).json()

    assert body == {"jobs": [], "partial": True}
    assert time.monotonic() - began < 30


async def test_a_worker_that_hangs_costs_its_limit_and_no_more(
    start_worker: StartWorker, pretend: Pretend
) -> None:
    worker = await start_worker(LEGACY_WORKER_URL=pretend(None), LEGACY_TIMEOUT_SECONDS="0.3")

    began = time.monotonic()
    body = (await worker.get(LIST)).json()

    assert body == {"jobs": [], "partial": True}
    assert 0.3 <= time.monotonic() - began < 30


async def test_a_hanging_old_worker_holds_no_create_up(
    start_worker: StartWorker, pretend: Pretend
) -> None:
    worker = await start_worker(LEGACY_WORKER_URL=pretend(None), LEGACY_TIMEOUT_SECONDS="60")
    waiting = asyncio.create_task(worker.get(LIST))

    created = await worker.get("/deduper/jobs")
    detail = await worker.get("/deduper/jobs/1")

    assert (created.status_code, detail.status_code) == (201, 200)
    assert not waiting.done()
    waiting.cancel()


async def test_our_own_configuration_is_looked_at_first(
    start_worker: StartWorker, start_old_worker: StartOldWorker
) -> None:
    old = await start_old_worker()
    worker = await start_worker(LEGACY_WORKER_URL=str(old.base_url), PATH_TO_PYTHON_VENV=None)

    answer = await worker.delete(CLEAR)

    assert answer.json() == {"error": "Missing environment variables: PATH_TO_PYTHON_VENV"}


@pytest.mark.parametrize("url", ["not-a-url", "ftp://old", "127.0.0.1:5000"])
async def test_an_address_that_is_none_stops_the_start(start_worker: StartWorker, url: str) -> None:
    with pytest.raises(Exception, match="LEGACY_WORKER_URL"):
        await start_worker(LEGACY_WORKER_URL=url)


def test_without_the_setting_nothing_of_it_is_there(environment: Mapping[str, str]) -> None:
    code = (
        "import sys\n"
        "from worker_python.app import create_app, read_settings\n"
        "create_app(read_settings())\n"
        "print([name for name in sys.modules if name == 'httpx' or '.deduper.legacy' in name])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == "[]\n"
