"""Quiet periods over all machines: workers pass the gate to claim a job, a clear closes it.

Both are advisory locks, so that a process that dies leaves the gate open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker_python.engines.distributed.line import Line
from worker_python.storage.pool import Pool

_LOCK = {"lock": 7_305_805_541_003}


@asynccontextmanager
async def passing(pool: Pool) -> AsyncIterator[None]:
    """Hold the gate open for one claim; waits while a quiet period lasts."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock_shared(%(lock)s)", _LOCK)
        yield


@asynccontextmanager
async def closed(url: str) -> AsyncIterator[None]:
    """Let nobody pass until the exit; claims under way are finished first."""
    line = Line(url)
    try:
        await line.ask("SELECT pg_advisory_lock(%(lock)s)", _LOCK)
        yield
    finally:
        await line.close()
