"""Asks a WSGI app in this process, as gunicorn would (PEP 3333)."""

from __future__ import annotations

import asyncio
import sys
from asyncio import events
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from types import TracebackType
from typing import Any

from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.answer import Answer, EndlessError, failure_of
from parity_harness.targets.in_process.app import AppTarget
from parity_harness.targets.in_process.exits import Exited, died
from parity_harness.targets.in_process.watchdog import Late
from parity_harness.targets.request import decoded_path, sent_body, split_target, wire_headers

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

_UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")


class WsgiTarget(AppTarget):
    """A WSGI app of this process.

    It is called in the thread of the event loop, which is hidden from it meanwhile: a thread of
    its own would cost as much as most answers do.
    """

    async def send(self, probe: Probe) -> Response:
        """Return the answer; what the app raises is the answer's failure."""
        self.environment.put_on()
        answer = Answer(probe)
        self.watchdog.watch()
        try:
            with _no_running_loop():
                _call(self.app, environ_of(probe), answer)
        except Late:
            answer.fail(self.lateness)
        except Exited as error:
            raise died(self.name, probe) from error
        except EndlessError as error:
            answer.fail(str(error))
        except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001  (becomes the answer)
            answer.fail(failure_of(error))
        finally:
            self.watchdog.rest()
        return answer.response()

    async def _begin(self) -> None:
        with _no_running_loop(), self.environment.adopting():
            self.app = self.load()


def environ_of(probe: Probe) -> dict[str, Any]:
    """Return the environ of a request: bytes as latin-1, repeated headers joined by commas."""
    path, query = split_target(probe.target)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": probe.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": decoded_path(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": probe.target,
        "REQUEST_URI": probe.target,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(sent_body(probe)),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in wire_headers(probe):
        _add_header(environ, name, value)
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input_terminated"] = True
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if "_" in name:
        return  # servers drop these: they would pass for the name with a hyphen
    key = name.upper().replace("-", "_")
    if key not in _UNPREFIXED:
        key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]},{value}"
    environ[key] = value


def _call(app: WsgiApp, environ: dict[str, Any], answer: Answer) -> None:
    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info and answer.size:
            raise exc_info[1].with_traceback(exc_info[2])
        code, _, reason = status.partition(" ")
        answer.start(int(code), reason, tuple(headers))
        return answer.add

    body = app(environ, start_response)
    try:
        for piece in body:
            answer.add(piece)
        answer.finish()
    finally:
        if hasattr(body, "close"):
            body.close()


@contextmanager
def _no_running_loop() -> Iterator[None]:
    """Hide the running loop, so that an app may run one of its own (Flask's async views do)."""
    running = asyncio.get_running_loop()
    events._set_running_loop(None)  # noqa: SLF001  (documented for event loops, which this acts as)
    try:
        yield
    finally:
        events._set_running_loop(running)  # noqa: SLF001  (as above)
