"""The worker under its real server: raw requests over a socket, and its end on SIGTERM."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest

LIMIT_SECONDS = 30.0


class Running(Protocol):
    @property
    def port(self) -> int | None: ...


Serving = Callable[..., AbstractContextManager[Running]]


@pytest.fixture(scope="module")
def port(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve on a free port; see that the service ends well on SIGTERM."""
    with serving(tmp_path_factory.mktemp("server"), DRAIN_SECONDS="0") as service:
        assert service.port is not None
        yield service.port


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
