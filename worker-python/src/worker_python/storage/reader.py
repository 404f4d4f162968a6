"""Reading beside the writer: a point lookup at once, everything longer in a thread.

A lookup by primary key takes 6 µs, a trip to a thread and back 40 to 90 µs (ADR 0036): the trip
would cost the event loop more than the work it spares it. A lookup never waits: where the file is
locked, it goes to the thread after all.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.connection import connect_reader, unavailable

T = TypeVar("T")


class Reader:
    """Two connections that only read: one for the loop's thread, one for a thread of its own."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._quick: sqlite3.Connection | None = None
        self._patient: sqlite3.Connection | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Connect to a file that exists."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job-store-reader")
        await self._in_thread(self._connect)

    async def stop(self) -> None:
        """Finish what is being read, and disconnect."""
        if self._thread is None:
            return
        await self._in_thread(self._disconnect)
        self._thread.shutdown()
        self._thread = None

    async def look_up(self, statement: str, parameters: Mapping[str, Any]) -> sqlite3.Row | None:
        """Return the one row that an index leads to, or None."""
        try:
            found = _fetch(self._quick, statement, parameters)
        except sqlite3.OperationalError:  # locked: wait where waiting hurts nobody
            found = await self.scan(statement, parameters)
        return found[0] if found else None

    async def scan(self, statement: str, parameters: Mapping[str, Any]) -> list[sqlite3.Row]:
        """Return rows whose finding takes time."""
        return await self._in_thread(lambda: _fetch(self._patient, statement, parameters))

    async def scan_plain(
        self, statement: str, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Return rows as tuples: less work, where there may be very many."""
        return await self._in_thread(
            lambda: _fetch(self._patient, statement, parameters, shape=None)
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise StoreUnavailableError("the job store is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise unavailable(self._path, error) from error

    def _connect(self) -> None:
        self._quick = connect_reader(self._path, busy_seconds=0)
        self._patient = connect_reader(self._path, busy_seconds=self._busy_seconds)

    def _disconnect(self) -> None:
        for connection in (self._quick, self._patient):
            if connection is not None:
                connection.close()
        self._quick = self._patient = None


def _fetch(
    connection: sqlite3.Connection | None,
    statement: str,
    parameters: Mapping[str, Any],
    *,
    shape: type[sqlite3.Row] | None = sqlite3.Row,
) -> list[Any]:
    """Read to the end: an unfinished statement would keep its snapshot, and the WAL grow."""
    if connection is None:
        raise StoreUnavailableError("the job store is closed")
    cursor = connection.cursor()
    cursor.row_factory = shape
    return cursor.execute(statement, parameters).fetchall()
