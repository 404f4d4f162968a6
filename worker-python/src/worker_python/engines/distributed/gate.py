"""Claims over all machines: they come one by one, and not at all while a quiet period lasts.

Both by advisory locks, so that a process that dies lets others go on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker_python.engines.distributed.line import Line

_QUIET = 7_305_805_541_003
_CLAIMS = 7_305_805_541_005

OPEN = f"(SELECT pg_try_advisory_xact_lock_shared({_QUIET}))"
"""A condition: no quiet period lasts at this moment."""

PASS = (
    "SET LOCAL lock_timeout = '1s'",
    f"SELECT pg_advisory_xact_lock_shared({_QUIET}), pg_advisory_xact_lock({_CLAIMS})",
)
"""What comes before a claim in its transaction; it fails where a quiet period lasts."""


@asynccontextmanager
async def closed(url: str) -> AsyncIterator[None]:
    """Let nobody claim until the exit; claims under way are finished first."""
    line = Line(url)
    try:
        await line.ask(f"SELECT pg_advisory_lock({_QUIET})")
        yield
    finally:
        await line.close()
