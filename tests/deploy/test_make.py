"""What `docs/runbook/run.md` says: the two workers by `make`, and both of them compared."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from rig import demo, jobs
from rig.workers import free_port

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"
Running = Callable[..., AbstractContextManager[None]]


def test_a_worker_started_by_make_does_a_report_of_the_sample(
    running: Running, tmp_path: Path
) -> None:
    for target in ("run", "run-legacy"):  # one after the other: the first makes the sample
        port = free_port()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "JOB_STORE": str(tmp_path / "jobs.sqlite3"),
            "PORT": str(port),
        }
        with running([MAKE, "-C", str(ROOT), "-o", "setup", target], environment, port):
            url = f"http://127.0.0.1:{port}"
            created = httpx.get(f"{url}/deduper/jobs/reportId/1").json()
            assert jobs.wait_for_job(url, created["jobId"])["status"] == "completed"


def test_the_demo_finds_the_same_rows_by_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([]) == 0

    assert "rows: equal" in capsys.readouterr().out
