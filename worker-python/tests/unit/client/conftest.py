"""A worker that answers what it was told to, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CREATED_AT = "2026-01-31T09:30:00.000000+00:00"


@dataclass(slots=True)
class ScriptedWorker:
    """Answers each path with its answers in turn, the last one again and again."""

    url: str
    script: dict[str, Sequence[tuple[int, object]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, request: str) -> tuple[int, object]:
        """Return the next answer to a request like `GET /deduper/health`."""
        turn = self.asked.count(request)
        self.asked.append(request)
        answers = self.script.get(request, [(404, "<h1>Not Found</h1>")])
        return answers[min(turn, len(answers) - 1)]


@pytest.fixture
def scripted() -> Iterator[ScriptedWorker]:
    """Return a worker that knows no path yet."""
    worker = ScriptedWorker("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(worker))
    worker.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield worker
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def job() -> Callable[..., Mapping[str, Any]]:
    """Return a maker of job answers."""

    def make(status: str, **keys: object) -> Mapping[str, Any]:
        return {"jobId": 7, "status": status, "createdAt": CREATED_AT, **keys}

    return make


def _handler(worker: ScriptedWorker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            status, content = worker.answer(f"{self.command} {self.path}")
            page = isinstance(content, str)
            body = str(content if page else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _respond  # noqa: N815  http.server looks for these

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as its base names it
            del format, args

    return Handler
