"""The one thread that writes: what waits while a commit reaches the disk is committed together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from worker_python.jobs.errors import StoreUnavailableError

Operation = Callable[[sqlite3.Connection], Any]
"""Runs statements inside a transaction that it neither begins nor ends."""

Translate = Callable[[sqlite3.Error], Exception]

_MOST_IN_A_BATCH = 512


@dataclass(slots=True)
class _Request:
    operation: Operation
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    """Serialises all writes, durably, without ever blocking the event loop.

    A request is answered after the commit that holds it. A batch that fails is tried again one by
    one, so that a request nobody can write does not take its neighbours along.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], translate: Translate) -> None:
        self._connect = connect
        self._translate = translate
        self._waiting: SimpleQueue[_Request | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def start(self) -> None:
        """Connect in the thread; raises what connecting raised."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        thread = Thread(target=self._main, args=(opened,), name="job-store-writer", daemon=True)
        thread.start()
        try:
            await opened
        except BaseException:
            self._waiting.put(None)
            thread.join()
            raise
        self._thread = thread

    async def run(self, operation: Operation) -> Any:  # noqa: ANN401  # whatever the operation returns
        """Run the operation in a transaction; return when it is on disk."""
        if self._thread is None:
            raise StoreUnavailableError("the job store is closed")
        request = _Request(operation, self._loop.create_future())
        self._waiting.put(request)
        return await request.future

    async def stop(self) -> None:
        """Finish what waits, then disconnect."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            await asyncio.to_thread(thread.join)

    def _main(self, opened: asyncio.Future[None]) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001  # handed to whoever opens the store
            self._loop.call_soon_threadsafe(_fail, opened, error)
            return
        self._loop.call_soon_threadsafe(_succeed, opened)
        try:
            while batch := self._next_batch():
                self._write(connection, batch)
                self._loop.call_soon_threadsafe(_answer, batch)
        finally:
            connection.close()

    def _next_batch(self) -> list[_Request]:
        """Wait for one request and take all that came with it; empty when it is time to stop."""
        request = self._waiting.get()
        batch: list[_Request] = []
        while request is not None:
            batch.append(request)
            if len(batch) == _MOST_IN_A_BATCH:
                return batch
            try:
                request = self._waiting.get_nowait()
            except Empty:
                return batch
        if batch:
            self._waiting.put(None)
        return batch

    def _write(self, connection: sqlite3.Connection, batch: list[_Request]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            _fail_all(batch, self._translate(error))
            return
        try:
            for request in batch:
                _perform(request, connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            _roll_back(connection)
            self._write_singly(connection, batch, error)

    def _write_singly(
        self, connection: sqlite3.Connection, batch: list[_Request], error: sqlite3.Error
    ) -> None:
        if len(batch) == 1:
            _fail_all(batch, self._translate(error))
            return
        for request in batch:
            self._write(connection, [request])


def _perform(request: _Request, connection: sqlite3.Connection) -> None:
    """Run one operation. An error of the domain is its answer; one of SQLite ends the batch."""
    request.error = None
    try:
        request.result = request.operation(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  # handed to whoever asked
        request.error = error


def _fail_all(batch: list[_Request], error: Exception) -> None:
    for request in batch:
        request.error = error


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk makes SQLite roll back by itself
        connection.execute("ROLLBACK")


def _answer(batch: list[_Request]) -> None:
    for request in batch:
        if request.future.done():  # whoever asked has gone; what was written stays written
            continue
        if request.error is None:
            request.future.set_result(request.result)
        else:
            request.future.set_exception(request.error)


def _succeed(opened: asyncio.Future[None]) -> None:
    if not opened.done():
        opened.set_result(None)


def _fail(opened: asyncio.Future[None], error: BaseException) -> None:
    if not opened.done():
        opened.set_exception(error)
