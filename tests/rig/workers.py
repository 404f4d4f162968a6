"""Either worker as a real process, on a free port of the loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
START_LIMIT_SECONDS = 30.0
STOP_LIMIT_SECONDS = 15.0
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "flask": (sys.executable, "-m", "worker_python_flask"),
    "fastapi": (
        *(sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT / "worker-python" / "src")),
        *("main:app", "--host", "127.0.0.1", "--no-access-log"),
    ),
}


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker: its base URL without a slash at the end, its process and its log."""

    kind: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, *, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """End this process, and only this one; KILL where it does not obey."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(
    kind: str, folder: Path, environment: Mapping[str, str], *, port: int = 0
) -> Iterator[Worker]:
    """Start a worker in `folder` (its log goes there too) and stop it at the end.

    Args:
        kind: `flask` or `fastapi`.
        folder: working directory; exists.
        environment: added to a clean environment, see `worker_environment`.
        port: to listen on; 0 for a free one.

    Raises:
        RuntimeError: it did not answer within 30 s; the message carries its log.
    """
    worker = start(kind, folder, environment, port=port)
    try:
        yield worker
    finally:
        worker.stop()


def start(kind: str, folder: Path, environment: Mapping[str, str], *, port: int = 0) -> Worker:
    """Start a worker and return once it answers."""
    port = port or free_port()
    log = folder / f"{kind}-{port}.log"
    command = [*COMMANDS[kind], *(["--port", str(port)] if kind == "fastapi" else [])]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    worker = Worker(kind, f"http://127.0.0.1:{port}", process, log)
    _wait_until_it_answers(worker)
    return worker


def worker_environment(database: Path, logs: Path) -> dict[str, str]:
    """Return what a worker needs to run this repository's deduper on a database.

    Starts from PATH, HOME and coverage's own variables alone, so that nothing of the developer's
    environment leaks in.
    """
    kept = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PATH_TO_PYTHON_VENV": sys.prefix,
        "PATH_TO_MICROSERVICE_DEDUPER": str(ROOT / "deduper"),
        "PATH_TO_DATABASE": str(database.parent),
        "NAME_DB": database.name,
        "PATH_TO_CSV": str(database.parent / "article_ids.csv"),
        "PATH_TO_LOGS": str(logs),
        "JOB_STORE": str(logs / "jobs.sqlite"),
    }


def free_port() -> int:
    """Return a port of the loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(worker: Worker) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline and worker.process.poll() is None:
        try:
            httpx.get(f"{worker.url}/deduper/health", timeout=2)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    waited = START_LIMIT_SECONDS - max(0.0, deadline - time.monotonic())
    worker.stop()
    raise RuntimeError(
        f"the {worker.kind} worker did not start in {waited:.1f} s:\n{worker.log.read_text()}"
    )
