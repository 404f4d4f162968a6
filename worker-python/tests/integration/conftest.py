"""A worker as production has it: a process of its own on a real socket, with real settings."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

FAKE_DEDUPER = Path(__file__).parents[1] / "fixtures" / "fake_deduper"
LIMIT_SECONDS = 30.0
PASSED_ON = ("PATH", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")

Serving = Callable[..., AbstractContextManager["Running"]]


@dataclass(frozen=True, slots=True)
class Running:
    """A service and the folder that it was started in."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def port(self) -> int | None:
        """Where it listens; None where it does not."""
        sockets = psutil.Process(self.process.pid).net_connections("tcp")
        listening = [each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN]
        return listening[0] if listening else None

    def ask(self, path: str) -> dict[str, Any]:
        """Return the JSON that a GET is answered with."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, LIMIT_SECONDS)) as asking:
            asking.request("GET", path)
            answer: dict[str, Any] = json.loads(asking.getresponse().read())
        return answer

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for what is bound to happen while it runs."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            assert self.process.poll() is None, "the service has ended"
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.01)

    def wait_for_the_end_of(self, job_id: int) -> dict[str, Any]:
        """Return a job that has ended."""
        self.wait_for(
            lambda: self.ask(f"/deduper/jobs/{job_id}")["status"] not in ("pending", "running")
        )
        return self.ask(f"/deduper/jobs/{job_id}")

    def stop(self) -> None:
        """Send SIGTERM, and see that it ends well of it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT_SECONDS)
        assert self.process.returncode in (0, -signal.SIGTERM)


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Run `worker-python serve` in a folder; the rest are settings and `orders` for the deduper."""

    @contextmanager
    def serve(
        folder: Path,
        orders: dict[str, Any] | None = None,
        *,
        output: Path | None = None,
        **variables: str,
    ) -> Iterator[Running]:
        with (output or folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("worker-python"), "serve", "--port", "0"],
                cwd=folder,
                env={
                    **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
                    "PATH_TO_PYTHON_VENV": sys.prefix,
                    "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
                    "FAKE_DEDUPER": json.dumps(orders or {}),
                    "JOB_STORE": str(folder / "jobs.sqlite3"),
                    "LOG_FORMAT": "json",
                    **variables,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        service = Running(process, folder)
        try:
            service.wait_for(lambda: service.port is not None)
            yield service
            if process.poll() is None:
                service.stop()
        finally:
            process.kill()
            process.wait()

    return serve
