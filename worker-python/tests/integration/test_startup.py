"""Starting: settings are read then, wrong ones are all named, without a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pytest_mock import MockerFixture

from worker_python.app import create_app

SOURCES = Path(__file__).parents[2] / "src"
StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]

STARTS = (
    [sys.executable, "-m", "uvicorn", "--app-dir", str(SOURCES), "main:app", "--port", "0"],
    [str(Path(sys.executable).with_name("worker-python")), "serve", "--port", "0"],
)


@pytest.mark.usefixtures("environment")
def test_importing_the_application_reads_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CONCURRENT_JOBS", "many")

    create_app()


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("command", STARTS, ids=["uvicorn", "serve"])
def test_every_wrong_setting_is_named_and_the_start_fails(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("LOG_FORMAT")
    monkeypatch.setenv("MAX_CONCURRENT_JOBS", "many")
    monkeypatch.setenv("CLEAR_TIMEOUT_SECONDS", "-1")
    Path(".env").write_text("LOG_FORMAT=xml\n")

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    assert "worker-python cannot start" in ended.stderr
    for name in ("MAX_CONCURRENT_JOBS='many'", "CLEAR_TIMEOUT_SECONDS='-1'", "LOG_FORMAT='xml'"):
        assert name in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("command", STARTS, ids=["uvicorn", "serve"])
def test_a_job_store_that_cannot_be_made_is_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("JOB_STORE", str(tmp_path / "file" / "jobs.sqlite3"))

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 3
    assert "worker-python cannot start: the job database" in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr + ended.stdout


@pytest.mark.usefixtures("environment")
async def test_a_defect_at_the_start_keeps_its_traceback(
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]], mocker: MockerFixture
) -> None:
    mocker.patch("worker_python.engines.local.LocalEngine.start", side_effect=ZeroDivisionError)

    with pytest.raises(ZeroDivisionError):
        async with lifespan(create_app()):
            pass


async def test_a_dotenv_file_is_read_and_the_process_comes_first(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        f"PATH_TO_MICROSERVICE_DEDUPER={tmp_path}\nJOB_ID_START=7\nMAX_CONCURRENT_JOBS=\n"
    )

    worker = await start_worker(PATH_TO_MICROSERVICE_DEDUPER=None, JOB_ID_START="70")

    environment = (await worker.get("/deduper/health")).json()["environment"]
    assert environment["deduper_path_exists"] is True
    assert (await worker.get("/deduper/jobs")).json()["jobId"] == 70


async def test_a_dotenv_file_that_is_no_text_is_named(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")

    with pytest.raises(RuntimeError, match=r"\.env cannot be read"):
        await start_worker()


@pytest.mark.usefixtures("environment")
async def test_without_its_lifespan_the_application_says_so() -> None:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        with pytest.raises(RuntimeError, match="has not been started"):
            await client.get("/deduper/jobs")
