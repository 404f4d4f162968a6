"""The frozen worker as a real process, and servers that only pretend to be it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

FAKE_DEDUPER = Path(__file__).parents[2] / "fixtures" / "fake_deduper"
KEPT = ("PATH", "HOME", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
LIMIT_SECONDS = 30.0

StartOldWorker = Callable[..., Awaitable[httpx.AsyncClient]]
Pretend = Callable[..., str]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """Return a file that jobs wait for, where they are told `until`; there at the latest now."""
    file = tmp_path / "gate"
    yield file
    file.touch()


@pytest.fixture
async def start_old_worker(tmp_path: Path, gate: Path) -> AsyncIterator[StartOldWorker]:
    """Start the frozen worker with orders for the fake deduper; returns a client of it."""
    del gate  # opened after the worker has ended: it leaves its children behind
    async with AsyncExitStack() as stack:

        async def start(
            orders: Mapping[str, Any] | None = None, **variables: str
        ) -> httpx.AsyncClient:
            environment = {
                **{name: os.environ[name] for name in KEPT if name in os.environ},
                "PATH_TO_PYTHON_VENV": sys.prefix,
                "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
                "FAKE_DEDUPER": json.dumps(orders or {}),
                **variables,
            }
            url = stack.enter_context(_running(environment, tmp_path))
            return await stack.enter_async_context(httpx.AsyncClient(base_url=url))

        yield start


@pytest.fixture
def pretend() -> Iterator[Pretend]:
    """Start a server that gives these answers in turn, the last for ever; `None` is to hang."""
    with ExitStack() as stack:
        yield lambda *bodies, status=200: stack.enter_context(_pretender(bodies, status))


@contextmanager
def _running(environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    port = _free_port()
    with (folder / f"old-{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "worker_python_flask"],
            cwd=folder,
            env={**environment, "PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@contextmanager
def _pretender(bodies: Sequence[bytes | None], status: int) -> Iterator[str]:
    over, turns = Event(), chain(bodies, repeat(bodies[-1]))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = next(turns)
            if body is None:
                over.wait(LIMIT_SECONDS)
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_GET  # noqa: N815  the name http.server calls

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("the old worker did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
