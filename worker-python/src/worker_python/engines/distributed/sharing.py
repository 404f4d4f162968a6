"""One errand for all who want it: a burst of callers costs two ways, not one each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Shared:
    """Does something once for everybody who asked before it began; raises what it raised."""

    def __init__(self, errand: Callable[[], Awaitable[None]]) -> None:
        self._errand = errand
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Return when the errand was begun after this call, and done."""
        if self._next is None:
            self._next = asyncio.create_task(self._run())
        await asyncio.shield(self._next)

    async def _run(self) -> None:
        async with self._turn:
            self._next = None  # who asks from now on may know of something newer
            await self._errand()
