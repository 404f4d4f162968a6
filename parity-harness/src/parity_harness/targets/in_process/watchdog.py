"""Ends a call into an app that never comes back, wherever the app is stuck."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from parity_harness.errors import TargetError

_TICK = 0.25  # seconds between two looks at the clock
_GRACE = 1.0  # seconds for the loop to act, before it counts as blocked

# Ignored unless handled, and neither pytest nor debuggers use it.
_SIGNAL = signal.SIGURG
_MAIN = threading.main_thread().ident or 0


class Late(BaseException):
    """Raised inside an app whose time is up; no `except Exception` of its own catches it."""


class Watchdog:
    """Watches one call at a time, at no cost to calls that return.

    An app that waits is given up; one that blocks the main thread is interrupted by a signal. In
    any other thread a blocking app cannot be interrupted.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline: float | None = None
        self._give_up: Callable[[], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = threading.Event()
        self._handled_before: Any = None
        self._is_in_main_thread = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._is_in_main_thread:
            self._handled_before = signal.signal(_SIGNAL, self._interrupt)
        threading.Thread(target=self._run, name="parity-watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._is_in_main_thread:
            signal.signal(_SIGNAL, self._handled_before)

    def watch(
        self, give_up: Callable[[], object] | None = None, seconds: float | None = None
    ) -> None:
        """Start the clock; `give_up` ends a call that waits, in the running loop."""
        self._loop = asyncio.get_running_loop() if give_up else None
        self._give_up = give_up
        self._deadline = time.monotonic() + (self.seconds if seconds is None else seconds)

    @contextmanager
    def limiting(self, seconds: float, what: str) -> Iterator[None]:
        """Let a block that makes an app ready take no longer; what it awaits has its own limit.

        Raises:
            TargetError: it blocked beyond that.
        """
        self.watch(seconds=seconds)
        try:
            yield
        except Late as error:
            raise TargetError(f"{what} did not come back within {seconds:g} s") from error
        finally:
            self.rest()

    def rest(self) -> None:
        """Stop the clock: the call came back."""
        self._deadline = None

    def _run(self) -> None:
        while not self._closed.wait(_TICK):
            late = self._lateness()
            if late > 0 and self._give_up and self._loop:
                self._loop.call_soon_threadsafe(self._give_up)
                self._give_up = None
            elif late > (_GRACE if self._loop else 0) and self._is_in_main_thread:
                signal.pthread_kill(_MAIN, _SIGNAL)

    def _lateness(self) -> float:
        deadline = self._deadline
        return time.monotonic() - deadline if deadline is not None else 0.0

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self._lateness() > 0:
            # Raised inside `__del__` or a callback of the collector, it is lost: it comes again.
            self._deadline = time.monotonic() + _GRACE
            raise Late
