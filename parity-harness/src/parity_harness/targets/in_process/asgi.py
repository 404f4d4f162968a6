"""Asks an ASGI app in this process, as uvicorn would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.answer import Answer, EndlessError, failure_of
from parity_harness.targets.in_process.app import AppTarget
from parity_harness.targets.in_process.exits import Exited, died
from parity_harness.targets.in_process.lifespan import Lifespan, Message
from parity_harness.targets.request import (
    decoded_path,
    phrase,
    sent_body,
    split_target,
    wire_headers,
)

_TURNS = 10  # of the loop, for what an app does right after its answer
_CLOSING_SECONDS = 5.0
_BUFFER = 1 << 16  # bytes that a server takes from an app before it sends them: others get a turn


class AsgiTarget(AppTarget):
    """An ASGI app of this process, in the harness' own event loop, its lifespan run.

    An answer is complete with its last piece, as a client sees it; tasks that the app runs after
    that go on meanwhile.
    """

    lifespan: Lifespan | None = None

    async def send(self, probe: Probe) -> Response:
        """Return the answer; what the app raises before it begins is the answer's failure."""
        self.environment.put_on()
        cycle = _Cycle(probe, self.lateness)
        state = self.lifespan.state.copy() if self.lifespan else {}
        call = self.app(scope_of(probe, state), cycle.receive, cycle.send)
        task = asyncio.ensure_future(_not_exiting(call))
        task.add_done_callback(cycle.app_returned)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.watchdog.watch(cycle.give_up)
        try:
            await cycle.finished
        finally:
            self.watchdog.rest()
        await _let_go_on(task)
        if task.done() and not task.cancelled() and isinstance(task.exception(), Exited):
            raise died(self.name, probe)
        return cycle.answer.response()

    async def _begin(self) -> None:
        self._tasks: set[asyncio.Future[None]] = set()
        with self.environment.adopting():
            self.app = self.load()
            self.lifespan = Lifespan(self.app, self.name)
            await self.lifespan.start()

    async def _end(self) -> None:
        if self.lifespan:
            self.environment.put_on()
            await self.lifespan.stop()
            self.lifespan = None
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_CLOSING_SECONDS)


class _Cycle:
    """One request and its answer, seen from the server."""

    def __init__(self, probe: Probe, lateness: str) -> None:
        self.answer = Answer(probe)
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lateness = lateness
        self._request: Message | None = {
            "type": "http.request",
            "body": sent_body(probe),
            "more_body": False,
        }

    async def receive(self) -> Message:
        """Hand over the body, then wait for the answer's end, as a patient client does."""
        if self._request:
            message, self._request = self._request, None
            return message
        await asyncio.shield(self.finished)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a piece of the answer; a client that went away takes none, and lets others act."""
        if self.finished.done():
            await asyncio.sleep(0)
        elif message["type"] == "http.response.start":
            status = message["status"]
            self.answer.start(status, phrase(status), _text(message.get("headers", ())))
        elif message["type"] == "http.response.body":
            await self._take(message.get("body", b""))
            if not message.get("more_body", False):
                self._finish()

    async def _take(self, piece: bytes) -> None:
        before = self.answer.size // _BUFFER
        try:
            self.answer.add(piece)
        except EndlessError as error:
            self._finish(str(error))
        if self.answer.size // _BUFFER > before:
            await asyncio.sleep(0)

    def app_returned(self, task: asyncio.Future[None]) -> None:
        """Note what went wrong, where the app ends before its answer does."""
        if self.finished.done():
            _ = task.cancelled() or task.exception()  # told by the app's own log, as on a server
        elif task.cancelled():
            self._finish("the app cancelled itself")
        elif error := task.exception():
            self._finish(failure_of(error))
        else:
            self._finish("the app returned without a complete answer")

    def give_up(self) -> None:
        """Let the client go away: the app had time enough."""
        self._finish(self._lateness)

    def _finish(self, failure: str | None = None) -> None:
        if self.finished.done():
            return
        if failure:
            self.answer.fail(failure)
        self.answer.finish()
        self.finished.set_result(None)


def scope_of(probe: Probe, state: dict[str, Any]) -> Message:
    """Return the scope of a request: the path decoded, everything else as raw bytes."""
    path, query = split_target(probe.target)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": probe.method,
        "root_path": "",
        "path": decoded_path(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in wire_headers(probe)
        ],
        "state": state,
    }


def _text(headers: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  (whatever iterable an app sends)
    return tuple((bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in headers)


async def _not_exiting(call: Awaitable[None]) -> None:
    try:
        await call
    except SystemExit as error:  # it would end the event loop, as it ends a server's
        raise Exited from error


async def _let_go_on(task: asyncio.Future[None]) -> None:
    # Clean-up after the answer belongs to it, unless it takes long: the next request may see it.
    for _ in range(_TURNS):
        if task.done():
            return
        await asyncio.sleep(0)
