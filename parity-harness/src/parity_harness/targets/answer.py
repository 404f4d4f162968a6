"""Gathers an app's answer piece by piece, as a server would send it on."""

from __future__ import annotations

import time

from parity_harness.model.exchange import Headers, Probe, Response
from parity_harness.targets.request import has_no_body

LATE = "no complete answer within"
"""How the failure of an answer begins that did not come to its end, in time or in size."""

MOST_BYTES = 256 << 20
"""Of a body, before its answer is taken to have no end."""


class EndlessError(Exception):
    """An answer grew beyond `MOST_BYTES`."""

    def __init__(self) -> None:
        super().__init__(f"{LATE} {MOST_BYTES >> 20} MiB")


def too_late(seconds: float) -> str:
    """Return how an answer names an app that did not come to its end in time."""
    return f"{LATE} {seconds:g} s"


class Answer:
    """One answer in the making; the clock runs from its creation."""

    def __init__(self, probe: Probe) -> None:
        self._method = probe.method
        self._began = time.perf_counter()
        self._pieces: list[bytes] = []
        self._size = 0
        self._length: int | None = None
        self._seconds: float | None = None
        self.status = 0
        self.reason = ""
        self.headers: Headers = ()
        self.failure: str | None = None

    @property
    def size(self) -> int:
        """How many bytes of the body are on their way already."""
        return self._size

    def start(self, status: int, reason: str, headers: Headers) -> None:
        """Take status and headers."""
        self.status, self.reason, self.headers = status, reason, headers
        for name, value in headers:
            if name.lower() == "content-length" and value.isdigit():
                self._length = int(value)

    def add(self, piece: bytes) -> None:
        """Take a piece of the body; empty ones leave no trace on the wire.

        Raises:
            EndlessError: there were too many.
        """
        if piece:
            self._pieces.append(bytes(piece))
            self._size += len(piece)
            if self._size > MOST_BYTES:
                raise EndlessError

    def finish(self) -> None:
        """Stop the clock."""
        if self._seconds is None:
            self._seconds = time.perf_counter() - self._began

    def fail(self, failure: str) -> None:
        """Note what went wrong; an answer that had begun is merely cut short.

        Not so one that was given up: how much of it came in time is chance.
        """
        self.finish()
        self.failure = failure
        if failure.startswith(LATE):
            self.status = 0

    def response(self) -> Response:
        """Return the answer as a client sees it."""
        if self.failure and not self.status:
            return Response(0, failure=self.failure, seconds=self._elapsed())
        pieces = [] if has_no_body(self._method, self.status) else self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return Response(
            self.status,
            self.headers,
            body[: self._length] if self._length is not None else body,
            self.reason,
            tuple(len(piece) for piece in pieces),
            complete=not self.failure and self._is_long_enough(body),
            seconds=self._elapsed(),
        )

    def _is_long_enough(self, body: bytes) -> bool:
        bodiless = has_no_body(self._method, self.status)
        return bodiless or self._length is None or len(body) >= self._length

    def _elapsed(self) -> float:
        return self._seconds if self._seconds is not None else time.perf_counter() - self._began


def failure_of(error: BaseException) -> str:
    """Return how an answer names an exception: its type and message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
