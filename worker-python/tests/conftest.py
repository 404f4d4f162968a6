"""What the worker's tests share: a started application, requests, and waiting for a status."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from worker_python.app import create_app
from worker_python.engines.distributed.dispatch import make_schema
from worker_python.settings import Settings
from worker_python.storage.postgres_schema import bring_up_to_date
from worker_python.storage.testing import OwnPostgres, PostgresUnavailableError

FAKE_DEDUPER = Path(__file__).parent / "fixtures" / "fake_deduper"
LIMIT_SECONDS = 30.0
PASSED_ON = (
    "FAKE_DEDUPER",
    "PATH_TO_DATABASE",
    "NAME_DB",
    "PATH_TO_CSV",
    "PATH_TO_LOGS",
    "NAME_APP",
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
StartWorker = Callable[..., Awaitable[httpx.AsyncClient]]
WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it left the application."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    """Start a PostgreSQL for this session, where one can be had."""
    server = OwnPostgres()
    try:
        server.create()
    except PostgresUnavailableError as error:
        pytest.skip(str(error))
    schema = server.make_database("with_schema")
    bring_up_to_date(schema)
    asyncio.run(make_schema(schema))
    yield server
    server.remove()


@pytest.fixture
def new_database(postgres: OwnPostgres) -> Callable[..., str]:
    """Return a maker of databases; they have the schema and no jobs. It gives their addresses."""

    def make(*, template: str = "with_schema") -> str:
        return postgres.make_database(f"jobs_{uuid4().hex}", template=template)

    return make


@pytest.fixture
def lifespan() -> Lifespan:
    """Start and stop an application as a server does: ASGITransport does not."""

    @asynccontextmanager
    async def started(app: FastAPI) -> AsyncIterator[None]:
        to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        from_app: asyncio.Queue[Any] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        task = asyncio.create_task(app(scope, to_app.get, from_app.put))
        await to_app.put({"type": "lifespan.startup"})
        await _succeeded(from_app, task)
        yield
        await to_app.put({"type": "lifespan.shutdown"})
        await _succeeded(from_app, task)
        await task

    return started


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mapping[str, str]:
    """Scrub the worker's variables, move to an empty folder, and set what a worker needs."""
    monkeypatch.chdir(tmp_path)
    for name in (*PASSED_ON, *map(str.upper, Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    needed = {
        "PATH_TO_PYTHON_VENV": sys.prefix,
        "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
        "JOB_STORE": str(tmp_path / "jobs.sqlite3"),
        "DRAIN_SECONDS": "0",
        "LOG_FORMAT": "json",
    }
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    return needed


@pytest.fixture
async def start_worker(
    environment: Mapping[str, str], lifespan: Lifespan, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartWorker]:
    """Start a worker in this process; `orders` are the fake deduper's, the rest is environment.

    A variable given as None is not set. A second call starts another worker beside the first.
    """
    del environment
    async with AsyncExitStack() as stack:

        async def start(
            orders: Mapping[str, Any] | None = None, **variables: str | None
        ) -> httpx.AsyncClient:
            for name, value in variables.items():
                monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(
                    name, value
                )
            monkeypatch.setenv("FAKE_DEDUPER", json.dumps(orders or {}))
            app = create_app()
            await stack.enter_async_context(lifespan(app))
            return await stack.enter_async_context(client_of(app))

        yield start


@pytest.fixture
async def worker(start_worker: StartWorker) -> httpx.AsyncClient:
    """Return a client of a worker whose deduper ends well at once."""
    return await start_worker()


@pytest.fixture
async def started_app(environment: Mapping[str, str], lifespan: Lifespan) -> AsyncIterator[FastAPI]:
    """Return a started application whose deduper ends well at once."""
    del environment
    app = create_app()
    async with lifespan(app):
        yield app


@pytest.fixture
def wait_for_file() -> Callable[[Path], Awaitable[None]]:
    """Return a waiter for a file that a child process makes."""

    async def wait(path: Path) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not await asyncio.to_thread(path.exists):
            assert time.monotonic() < deadline, f"waited too long for {path}"
            await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def wait_for_status() -> WaitForStatus:
    """Return a waiter for a job's status."""

    async def wait(client: httpx.AsyncClient, job_id: int, *statuses: str) -> dict[str, Any]:
        wanted = statuses or ("completed", "failed", "cancelled")
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            job: dict[str, Any] = (await client.get(f"/deduper/jobs/{job_id}")).json()
            if job["status"] in wanted:
                return job
            assert time.monotonic() < deadline, f"waited too long for {wanted}: {job}"
            await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def ask() -> Ask:
    """Put one request to an application, its target unchanged: httpx would tidy it up."""

    async def put(
        app: FastAPI,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        messages: list[MutableMapping[str, Any]] = []

        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not unread:
                await asyncio.Event().wait()  # the client stays for its answer
            return unread.pop()

        async def send(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        await app(_scope(method, target, headers or {}), receive, send)
        return Answer(
            messages[0]["status"],
            {name.decode(): value.decode() for name, value in messages[0]["headers"]},
            b"".join(message["body"] for message in messages[1:]),
        )

    return put


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://worker")


async def _succeeded(from_app: asyncio.Queue[Any], task: asyncio.Task[None]) -> None:
    message = await from_app.get()
    if message["type"].endswith(".failed"):
        await task
        raise RuntimeError(message["message"])


def _scope(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    given = {"host": "worker.example:80", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "server": ("worker.example", 80),
        "client": ("127.0.0.1", 50_000),
    }
