"""The worker under its real server: raw requests over a socket, and its end on SIGTERM."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

LIMIT_SECONDS = 30.0
LISTENING = re.compile(r"http://127\.0\.0\.1:(\d+)")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start `worker-python serve` on a free port; see that it ends well on SIGTERM."""
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("worker-python"), "serve", "--port", "0"],
            cwd=folder,
            env=_environment(folder),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _port(process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LIMIT_SECONDS)
    assert process.returncode in (0, -signal.SIGTERM), log.read_text()


def test_a_job_runs_end_to_end(port: int) -> None:
    status, _, body = _ask(port, b"GET /deduper/jobs/reportId/12 HTTP/1.1")

    assert status == 201
    job_id = json.loads(body)["jobId"]
    deadline = time.monotonic() + LIMIT_SECONDS
    while (job := _job(port, job_id))["status"] in ("pending", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.01)
    assert job["status"] == "completed"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET //deduper/jobs/list HTTP/1.1", 200),
        (b"GET /deduper//jobs/list HTTP/1.1", 308),
        (b"GET /deduper/jobs/list/ HTTP/1.1", 404),
        (b"GET /deduper/jobs/%D9%A3%D9%A3 HTTP/1.1", 404),
        (b"GET /%ff HTTP/1.1", 404),
        (b"HEAD /deduper/health HTTP/1.1", 200),
        (b"OPTIONS /deduper/clear-db-table HTTP/1.1", 200),
        (b"PROPFIND /deduper/jobs HTTP/1.1", 405),
        (b"GET /deduper/jobs/" + b"9" * 5_000 + b" HTTP/1.1", 404),
    ],
)
def test_odd_requests_over_the_network(port: int, request_line: bytes, status: int) -> None:
    assert _ask(port, request_line)[0] == status


def test_head_has_the_headers_of_get_and_no_body(port: int) -> None:
    _, of_get, page = _ask(port, b"GET / HTTP/1.1")
    _, of_head, nothing = _ask(port, b"HEAD / HTTP/1.1")

    assert of_head["content-length"] == of_get["content-length"] == str(len(page))
    assert nothing == b""


def _environment(folder: Path) -> Mapping[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "PATH_TO_PYTHON_VENV": sys.prefix,
        "PATH_TO_MICROSERVICE_DEDUPER": str(
            Path(__file__).parents[1] / "fixtures" / "fake_deduper"
        ),
        "JOB_STORE": str(folder / "jobs.sqlite3"),
        "LOG_FORMAT": "json",
    }


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + LIMIT_SECONDS
    while (found := LISTENING.search(log.read_text())) is None:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.01)
    return int(found[1])


def _ask(port: int, request_line: bytes) -> tuple[int, Mapping[str, str], bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS) as connection:
        connection.sendall(request_line + b"\r\nHost: worker\r\nConnection: close\r\n\r\n")
        method = request_line.split()[0].decode()
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read()
        answer.close()
    return answer.status, headers, body


def _job(port: int, job_id: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_ask(port, b"GET /deduper/jobs/%d HTTP/1.1" % job_id)[2])
    return found
