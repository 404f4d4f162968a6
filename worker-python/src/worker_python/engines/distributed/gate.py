"""Claims over all machines: they come one by one, and not at all while a quiet period lasts.

Both by advisory locks. A process that dies leaves its lock; one whose machine is gone leaves it
when nothing was heard of it for `_IDLE_SECONDS`, and stops what it does in the quiet before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from worker_python.engines.distributed.line import Line
from worker_python.engines.local.context import report
from worker_python.jobs.errors import StoreUnavailableError

_QUIET = 7_305_805_541_003
_CLAIMS = 7_305_805_541_005

_IDLE_SECONDS = 30.0
_SIGN_OF_LIFE_SECONDS = 3.0

OPEN = f"(SELECT pg_try_advisory_xact_lock_shared({_QUIET}))"
"""A condition: no quiet period lasts at this moment."""

PASS = (
    "SET LOCAL lock_timeout = '1s'",
    f"SELECT pg_advisory_xact_lock_shared({_QUIET}), pg_advisory_xact_lock({_CLAIMS})",
)
"""What comes before a claim in its transaction; it fails where a quiet period lasts."""


class Closed:
    """A gate that is shut, as far as its holder knows."""

    def __init__(self) -> None:
        self._is_lost = False
        self._do = _nothing

    def when_lost(self, do: Callable[[], None]) -> None:
        """Do this as soon as others may claim again; at once where they may already."""
        self._do = do
        if self._is_lost:
            do()

    async def hold(self, line: Line) -> None:
        """Give signs of life until there is nobody to hear them."""
        try:
            while True:
                await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)
                await line.ask("SELECT true")
        except StoreUnavailableError as error:
            report("a quiet period is over before its time", error)
            self._is_lost = True
            self._do()


@asynccontextmanager
async def closed(url: str) -> AsyncIterator[Closed]:
    """Let nobody claim until the exit; claims under way are finished first."""
    line, shut = Line(url), Closed()
    try:
        await line.expire_after(_IDLE_SECONDS)
        await line.ask(f"SELECT pg_advisory_lock({_QUIET})")
        holding = asyncio.create_task(shut.hold(line), name="job-gate")
        try:
            yield shut
        finally:
            holding.cancel()
            await asyncio.wait([holding])
    finally:
        await line.close()


def _nothing() -> None:
    return
