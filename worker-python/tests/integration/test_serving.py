"""What only shows where the service is a process: its end, its output, what it sends elsewhere."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Protocol

import pytest

from rig.traces import collector

pytestmark = pytest.mark.slow
CREATE = "/deduper/jobs/reportId/84"
DRAINING = "Waiting for application shutdown"


class Running(Protocol):
    process: subprocess.Popen[bytes]

    def ask(self, path: str) -> dict[str, Any]: ...
    def wait_for(self, condition: Callable[[], bool]) -> None: ...
    def wait_for_the_end_of(self, job_id: int) -> dict[str, Any]: ...
    def stop(self) -> None: ...


Serving = Callable[..., AbstractContextManager[Running]]


def test_a_stop_lets_the_running_job_end_and_leaves_the_waiting_one_in_line(
    serving: Serving, tmp_path: Path
) -> None:
    started, gate = tmp_path / "started", tmp_path / "gate"
    orders = {"started": str(started), "until": str(gate)}
    with serving(tmp_path, orders, DRAIN_SECONDS="60") as service:
        service.ask(CREATE)
        service.ask(CREATE)
        service.wait_for(started.exists)

        service.process.send_signal(signal.SIGTERM)
        service.wait_for(lambda: DRAINING in (tmp_path / "log").read_text())
        gate.touch()
        service.process.wait(30)

    assert statuses(tmp_path) == ["completed", "pending"]
    with serving(tmp_path, orders) as service:
        assert service.wait_for_the_end_of(2)["status"] == "completed"


def test_ctrl_c_ends_it_without_a_traceback(serving: Serving, tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.process.send_signal(signal.SIGINT)

        assert service.process.wait(30) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_jobs_go_on_where_nothing_can_be_logged(serving: Serving, tmp_path: Path) -> None:
    with serving(tmp_path, output=Path("/dev/full")) as service:
        job = service.ask(CREATE)

        assert service.wait_for_the_end_of(job["jobId"])["status"] == "completed"
        assert service.ask("/ready") == {"status": "ready"}


def test_requests_and_attempts_are_traced_where_opentelemetrys_variables_say_so(
    serving: Serving, tmp_path: Path
) -> None:
    with collector() as traces:
        with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=traces.endpoint) as service:
            service.wait_for_the_end_of(service.ask(CREATE)["jobId"])

        assert traces.spans.count("deduper attempt") == 1
        assert "GET /deduper/jobs/reportId/{report_id}" in traces.spans


def statuses(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "jobs.sqlite3")) as connection:
        return [status for (status,) in connection.execute("SELECT status FROM jobs ORDER BY id")]
