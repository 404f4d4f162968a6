"""`make run-distributed`: a worker is killed in the middle of a job, and Ctrl-C stops all of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from rig import workers
from rig.workers import ROOT

LIMIT_SECONDS = 60.0
MARK = "RUN_DISTRIBUTED_TEST"

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    orders = {"started": str(tmp_path / "started"), "until": str(tmp_path / "go")}
    return {
        **workers.worker_environment(tmp_path / "none.db", tmp_path),
        "PYTHONPATH": str(ROOT / "tests"),
        "PATH_TO_MICROSERVICE_DEDUPER": str(ROOT / "worker-python/tests/fixtures/fake_deduper"),
        "FAKE_DEDUPER": json.dumps(orders),
        "RETRY_LOST_JOBS": "true",
        "STALLED_SECONDS": "2",
        MARK: str(tmp_path),
    }


def test_a_job_outlives_its_worker_and_nothing_outlives_ctrl_c(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = workers.free_port()
    command = [sys.executable, "-m", "rig.distributed", str(port)]
    program = subprocess.Popen(command, cwd=tmp_path, env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_for(lambda: answers(client))
            job = client.get("/deduper/jobs/reportId/84").json()["jobId"]
            wait_for((tmp_path / "started").exists)
            kill_its_worker(tmp_path)
            (tmp_path / "go").touch()
            wait_for(lambda: status(client, job) == "completed")
        files = temporary_files(tmp_path)

        program.send_signal(signal.SIGINT)

        assert program.wait(LIMIT_SECONDS) == 0
        assert list(ours(tmp_path)) == []
        assert files
        assert not [file for file in files if file.exists()]
    finally:
        program.kill()
        program.wait()
        for process in ours(tmp_path):
            process.kill()


def kill_its_worker(folder: Path) -> None:
    """SIGKILL of the worker that runs the deduper: the first of its parents in their session."""
    deduper = psutil.Process(int((folder / "started").read_text()))
    worker = next(one for one in deduper.parents() if "work" in one.cmdline())
    worker.kill()
    (folder / "started").unlink()


def temporary_files(folder: Path) -> set[Path]:
    """Return the folders that PostgreSQL and the workers were given."""
    found = set()
    for process in ours(folder):
        arguments = process.cmdline()
        if "-D" in arguments:
            found.add(Path(arguments[arguments.index("-D") + 1]))
        if "work" in arguments:
            found.add(Path(process.environ()["JOB_STORE"]).parent)
    return found


def ours(folder: Path) -> Iterator[psutil.Process]:
    """Yield what lives of everything that was started here; the program itself included."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == str(folder):
                yield process


def answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/ready").status_code == 200
    return False


def status(client: httpx.Client, job: int) -> str:
    with suppress(httpx.TransportError):
        return str(client.get(f"/deduper/jobs/{job}").json()["status"])
    return "unknown"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
