"""NOTIFY and LISTEN: whoever waits for a job to move is woken in milliseconds.

A bell may be missed (its line was down): everybody who waits for one looks from time to time too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from worker_python.engines.distributed.line import Line
from worker_python.jobs.errors import StoreUnavailableError

ASKED = "worker_python_asked"
"""Somebody wants a running job cancelled; workers listen."""
MOVED = "worker_python_moved"
"""A job has left its slot; the processes that answer HTTP listen."""

_MEND_SECONDS = 0.5


class Bell:
    """Calls `on_ring` with a job's id each time the channel is rung."""

    def __init__(self, url: str, channel: str, on_ring: Callable[[int], None]) -> None:
        self._line = Line(url)
        self._channel = channel
        self._on_ring = on_ring
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.create_task(self._listen_forever(), name=f"bell-{self._channel}")

    async def stop(self) -> None:
        """Listen no more."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.cancel()
            await asyncio.wait([loop])
        await self._line.close()

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._line.ask(f"LISTEN {self._channel}")
                while True:
                    self._on_ring(int(await self._line.notified()))
            except StoreUnavailableError:  # those who wait look for themselves meanwhile
                await asyncio.sleep(_MEND_SECONDS)
