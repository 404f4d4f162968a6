"""What a caller asked for is done to its end, whether or not the caller stays for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from worker_python.engines.local.context import report
from worker_python.jobs.errors import WorkerError

T = TypeVar("T")


class Finishing:
    """Keeps the work of callers who may go away half-way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work returns; a caller who is cancelled leaves it running."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_report_defect)
            raise

    async def end(self, *, patience_seconds: float | None = None) -> None:
        """Wait for what is under way; after a limit, where there is one, cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_seconds)
        if patience_seconds is not None:
            for task in self._tasks:
                task.cancel()


def _report_defect(task: asyncio.Task[Any]) -> None:
    """Report what went wrong in work that nobody waits for; a refusal needs no hearer."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WorkerError):
        report("work that nobody waits for failed", error)
