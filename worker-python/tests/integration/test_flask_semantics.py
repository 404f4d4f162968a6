"""The same raw request to the Flask worker and to ours: the same status, headers and bytes."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import httpx
import pytest
from fastapi import FastAPI
from pytest_mock import MockerFixture

import worker_python_flask.app

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "UNHEARD-OF")
TARGETS = (
    "/",
    "/%0A",
    "/%ff",
    "/%2F/test",
    "//",
    "///",
    "/nope",
    "/test",
    "/test/",
    "/test//",
    "/test%0A",
    "/static",
    "/static/",
    "/static/x",
    "/static/a/b",
    "/static/a//b",
    "/static//x",
    "/static/%2e%2e/x",
    "/deduper",
    "/deduper/",
    "/deduper/Health",
    "/deduper/health%0A",
    "/deduper//health?unused=%20b&c=d+e",
    "/deduper///health",
    "/deduper//nope",
    "/deduper//clear-db-table",
    "/deduper/jobs/",
    "/deduper/jobs/list/",
    "/deduper/jobs/list%0A",
    "/deduper/jobs/list/cancel",
    "//deduper/jobs/5",
    "///deduper/jobs/list",
    "/deduper//jobs/list",
    "/deduper//jobs//5",
    '/deduper//jobs/5?q=%E9"<',
    "/deduper//jobs//5//cancel",
    "/deduper//jobs/%D9%A3",
    "/deduper/jobs/5",
    "/deduper/jobs/007",
    "/deduper/jobs/%D9%A3",
    "/deduper/jobs/%C2%B2",
    "/deduper/jobs/%ff",
    "/deduper/jobs/5%0A",
    "/deduper/jobs/5;x",
    "/deduper%2Fjobs%2F5",
    "/deduper/jobs/5%2Fcancel",
    "/deduper/jobs/" + "9" * 30,
    "/deduper/jobs/" + "9" * 4_300,
    "/deduper/jobs/" + "9" * 4_301,
    *(
        f"/deduper/jobs/{word}"
        for word in ("-1", "+5", "1.5", "84.0", "1_000", "%2084", "0x10", "abc", "%20")
    ),
    *(
        f"/deduper/jobs/reportId/{word}"
        for word in ("", "-1", "+5", "1.5", "84.0", "1_000", "%2084", "0x10", "abc", "5/", "5%0A")
    ),
    "/deduper/jobs/5/cancel",
    "/deduper/jobs/5/cancel/",
    "/deduper/jobs/x/cancel",
)
JSON = "application/json"
BODIES = (
    ("", b""),
    ("text/plain", b"{}"),
    ("text/json", b"1"),
    ("application/jsonx", b"1"),
    ("application/json,text/html", b"1"),
    ('"application/json"', b"1"),
    ("application/+json", b"1"),
    ("application/vnd.api+json; charset=latin1", b"[]"),
    (" APPLICATION/JSON ;charset=latin1", b'"x"'),
    (JSON, b""),
    (JSON, b"{"),
    (JSON, b"\xff"),
    (JSON, b"\xff\xfe"),
    (JSON, b"null"),
    (JSON, b"0"),
    (JSON, b"-0.0"),
    (JSON, b"1.0e2"),
    (JSON, b"1" * 5_000),
    (JSON, b'{"a":1,"a":2}'),
    (JSON, b'{"b":1,"a":[1,"\xc3\xa9",NaN,1e999,-Infinity]}'),
    (JSON, b'["\\u00e9\\ud83d\\ude00\\ud800\\u007f"]'),
    (JSON, b'"\xed\xa0\x80"'),
    (JSON, b"\xef\xbb\xbf{}"),
    (JSON, '{"é":1}'.encode("utf-16")),
    (JSON, b"[" * 500 + b"]" * 500),
)


class Seen(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@pytest.fixture
def ask_flask(environment: Mapping[str, str]) -> Callable[..., Seen]:
    """Put a raw request to the Flask worker, as a WSGI server would."""
    del environment
    app = worker_python_flask.app.create_app()

    def put(method: str, target: str, *, content_type: str = "", body: bytes = b"") -> Seen:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:  # noqa: ANN401  PEP 3333
            started.extend((status, headers))

        environ = _environ(method, target, body)
        if content_type:
            environ["CONTENT_TYPE"] = content_type
        chunks: Iterable[bytes] = app(environ, start_response)
        return _seen(int(started[0].split()[0]), dict(started[1]), b"".join(chunks))

    return put


async def test_every_method_on_every_kind_of_path(
    started_app: FastAPI, ask: Callable[..., Awaitable[Any]], ask_flask: Callable[..., Seen]
) -> None:
    for method, target in product(METHODS, TARGETS):
        ours = await ask(started_app, method, target)
        flasks = ask_flask(method, target)
        assert _seen(ours.status, ours.headers, ours.body) == flasks, (method, target)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
async def test_every_kind_of_body(
    started_app: FastAPI,
    ask: Callable[..., Awaitable[Any]],
    ask_flask: Callable[..., Seen],
    method: str,
) -> None:
    for content_type, body in BODIES:
        headers = {"content-type": content_type} if content_type else {}
        ours = await ask(started_app, method, "/test", headers=headers, body=body)
        flasks = ask_flask(method, "/test", content_type=content_type, body=body)
        assert _seen(ours.status, ours.headers, ours.body) == flasks, (content_type, body)


@pytest.mark.parametrize("path", ["/deduper/jobs", "/deduper/jobs/reportId/7"])
async def test_head_on_a_creating_route_starts_nothing(
    worker: httpx.AsyncClient, path: str
) -> None:
    answer = await worker.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json"
    assert (await worker.get("/deduper/jobs/list")).json() == {"jobs": []}


@pytest.mark.parametrize("path", ["/deduper/jobs", "/deduper/jobs/reportId/7"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "DELETE"])
async def test_other_methods_on_a_creating_route_start_nothing(
    worker: httpx.AsyncClient, path: str, method: str
) -> None:
    answer = await worker.request(method, path)

    assert answer.status_code == (200 if method == "OPTIONS" else 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await worker.get("/deduper/jobs/list")).json() == {"jobs": []}


async def test_a_crash_is_flasks_page_and_a_log_line(
    worker: httpx.AsyncClient, mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch(
        "worker_python.deduper.service.DeduperService.detail", side_effect=ZeroDivisionError("ah")
    )

    answer = await worker.get("/deduper/jobs/1", headers={"X-Request-ID": "r-9"})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>500 Internal Server Error</title>" in answer.text
    logged = capsys.readouterr().out
    assert "ZeroDivisionError" in logged
    assert '"request_id": "r-9"' in logged


def _environ(method: str, target: str, body: bytes) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "worker.example",
        "SERVER_PORT": "80",
        "HTTP_HOST": "worker.example:80",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _seen(status: int, headers: Mapping[str, str], body: bytes) -> Seen:
    """Order `Allow`: Flask's own order changes with every process."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if "allow" in lowered:
        lowered["allow"] = ", ".join(sorted(lowered["allow"].split(", ")))
    return Seen(status, lowered, body)
