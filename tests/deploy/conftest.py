"""The deployment files, and a program started by the line that one of them has."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
START_LIMIT_SECONDS = 30.0
STOP_LIMIT_SECONDS = 20.0

Running = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def deploy() -> Path:
    return ROOT / "deploy"


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """Run a command while the block lasts: see it answer, and end it as its manager would."""

    @contextmanager
    def run(command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[None]:
        log = tmp_path / f"{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            _wait_until_it_answers(process, port, log)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_LIMIT_SECONDS)

    return run


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/deduper/health", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"it does not answer:\n{log.read_text()}")
