"""`worker-python work`: what a worker process tells of itself."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from worker_python.app import read_settings, work
from worker_python.engines.testing import until
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import NewJob
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore

StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]

pytestmark = pytest.mark.slow  # it brings up PostgreSQL


@pytest.fixture
def url(
    environment: Mapping[str, str],
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    del environment
    url = new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    return url


async def test_a_worker_shows_what_it_counts_where_it_is_told_to(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("METRICS_PORT", "0")
    store = PostgresJobStore(url)
    await store.open()
    stop = asyncio.Event()
    working = asyncio.create_task(work(read_settings(), stop))
    try:
        job = await store.add(NewJob(datetime.now(UTC)))
        await until(lambda: has_ended(store, job.id), seconds=60)
        shown = json.loads(capsys.readouterr().out.splitlines()[0])
        async with httpx.AsyncClient() as client:
            text = (await client.get(shown["url"])).text
    finally:
        stop.set()
        await working
        await store.close()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/metrics", shown["url"])
    assert 'worker_job_events_total{kind="completed"} 1.0' in text
    assert "worker_active_jobs 0.0" in text
    assert "worker_queue_age_seconds" not in text


async def test_a_port_that_is_taken_ends_the_start_and_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del url
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("METRICS_PORT", str(port))
        with pytest.raises(ConfigurationError, match=f"METRICS_PORT={port}"):
            await work(read_settings(), asyncio.Event())


async def has_ended(store: PostgresJobStore, job_id: int) -> bool:
    return (await store.get(job_id)).status is JobStatus.COMPLETED


@pytest.mark.usefixtures("url")
async def test_whoever_is_asked_gives_the_whole_output_though_it_was_written_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
    start_worker: StartWorker,
    wait_for_status: WaitForStatus,
    tmp_path: Path,
) -> None:
    written = "ä" * 10_000
    monkeypatch.setattr("worker_python.engines.outputs._PART_BYTES", 4096)
    monkeypatch.setenv("OUTPUT_TAIL_BYTES", "100")
    monkeypatch.setenv("JOB_STORE", str(tmp_path / "elsewhere" / "jobs.db"))
    monkeypatch.setenv("FAKE_DEDUPER", json.dumps({"stdout": written, "stderr": "warned"}))
    settings, stop = read_settings(), asyncio.Event()
    working = asyncio.create_task(work(settings, stop))
    monkeypatch.setenv("JOB_STORE", str(tmp_path / "here" / "jobs.db"))
    (tmp_path / "here").mkdir()
    api = await start_worker()
    try:
        await api.get("/deduper/jobs/reportId/84")
        job = await wait_for_status(api, 1)
    finally:
        stop.set()
        await working

    assert len(job["stdout"]) < len(written)
    assert (await api.get("/deduper/jobs/1/stdout")).text == (
        f"analyze_fast --report-id 84\n{written}"
    )
    assert (await api.get("/deduper/jobs/1/stderr")).text == "warned"
    assert not list((tmp_path / "here").rglob("*.log"))
