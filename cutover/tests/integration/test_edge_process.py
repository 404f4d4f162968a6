"""`cutover edge` as its manager sees it: told to end, killed, started twice."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil
import pytest

from cutover.cli import MISTAKE
from cutover.plan import Plan

LIMIT_SECONDS = 30.0


@dataclass(slots=True)
class Slow:
    """A worker that answers once it is let."""

    asked: Event = field(default_factory=Event)
    let: Event = field(default_factory=Event)


@pytest.fixture(name="slow")
def _slow(plan: Plan) -> Iterator[Slow]:
    slow = Slow()

    class Handler(BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            slow.asked.set()
            slow.let.wait(LIMIT_SECONDS)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(plan.baseline.address, Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield slow
        slow.let.set()
        server.shutdown()
        thread.join()


def test_told_to_end_it_lets_what_it_has_taken_be_answered(
    plan: Plan, plan_file: Path, tmp_path: Path, slow: Slow
) -> None:
    with _edge(plan_file, tmp_path) as edge, ThreadPoolExecutor() as threads:
        url = f"http://{plan.edge.listen}/deduper/clear-db-table"
        answer = threads.submit(httpx.delete, url, timeout=LIMIT_SECONDS)
        assert slow.asked.wait(LIMIT_SECONDS)
        (envoy,) = psutil.Process(edge.pid).children()

        edge.terminate()
        _wait_until_refused(plan)
        assert edge.poll() is None
        slow.let.set()

        assert answer.result().status_code == 200
        assert edge.wait(LIMIT_SECONDS) == 0
        assert not envoy.is_running()


def test_a_second_one_says_that_its_place_is_taken(plan_file: Path, tmp_path: Path) -> None:
    with _edge(plan_file, tmp_path):
        second = subprocess.run(
            _command(plan_file, tmp_path), capture_output=True, text=True, check=False
        )

    assert second.returncode == MISTAKE
    assert "another Envoy answers" in second.stderr


def test_an_envoy_that_dies_ends_it_with_an_error_so_that_it_is_restarted(
    plan_file: Path, tmp_path: Path
) -> None:
    with _edge(plan_file, tmp_path) as edge:
        (envoy,) = psutil.Process(edge.pid).children()
        envoy.kill()

        assert edge.wait(LIMIT_SECONDS) == MISTAKE


@contextmanager
def _edge(plan_file: Path, state: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(_command(plan_file, state), stdout=subprocess.PIPE, text=True) as edge:
        assert edge.stdout is not None
        assert edge.stdout.readline().startswith("Envoy listens on")
        yield edge
        edge.terminate()


def _command(plan_file: Path, state: Path) -> list[str]:
    options = ["--plan", str(plan_file), "--state", str(state)]
    return [sys.executable, "-m", "cutover", *options, "edge"]


def _wait_until_refused(plan: Plan) -> None:
    host, _, port = plan.edge.listen.partition(":")
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))):
                return
    pytest.fail("it goes on taking connections")
