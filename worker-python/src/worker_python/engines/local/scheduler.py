"""When the next pending job starts: as soon as it may, in order, and never in a quiet period."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from worker_python.engines.local.context import delays, report

LaunchNext = Callable[[], Awaitable[bool]]
"""Starts one pending job; False where there is none, or no slot for it."""


class Scheduler:
    """Launches jobs one after the other, each time it is woken, until there is nothing to launch.

    A launch happens inside a turn, and whoever holds the turn stops all launches: that is how a
    quiet period and a shutdown know that nothing is half-way between pending and running.
    """

    def __init__(self, launch_next: LaunchNext, pause: Callable[[float], Awaitable[None]]) -> None:
        self._launch_next = launch_next
        self._pause = pause
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to launch what is pending."""
        self._loop = asyncio.create_task(self._launch_forever(), name="job-scheduler")

    async def stop(self) -> None:
        """Launch nothing more; a launch under way is finished first."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        async with self._turn:
            loop.cancel()
        await asyncio.wait([loop])

    def wake(self) -> None:
        """Say that there may be something to launch: a new job, or a free slot."""
        self._woken.set()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Launch nothing until the exit; a launch under way is finished first."""
        async with self._turn:
            yield

    async def _launch_forever(self) -> None:
        patience = delays()
        while True:
            try:
                await self._launch_all()
            except Exception as error:  # noqa: BLE001  # nothing may stop all jobs for ever
                report("the next job could not be launched; it will be tried again", error)
                await self._pause(next(patience))
            else:
                patience = delays()
                await self._woken.wait()

    async def _launch_all(self) -> None:
        self._woken.clear()
        launched = True
        while launched:
            async with self._turn:
                launched = await self._launch_next()
