"""A connection of one's own: for locks and listening, which live as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.pool import PATIENCE

Connection = psycopg.AsyncConnection[DictRow]

_EXPIRING = "SELECT set_config('idle_session_timeout', %(idle)s, false)"


class Line:
    """Connects when it is needed, anew after a failure; `broken` says that locks may be gone."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @property
    def connected(self) -> bool:
        """Whether what the connection held is still held, as far as is known."""
        return self._connection is not None

    async def ask(
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> list[DictRow]:
        """Run one statement in a transaction of its own; return its rows, if it has any.

        Raises:
            StoreUnavailableError: the database does not answer; the next call connects anew.
        """
        async with self._turn:
            try:
                connection = await self._connected()
                cursor = await connection.execute(statement, parameters)
                return await cursor.fetchall() if cursor.description else []
            except BaseException as error:
                await self._hang_up()
                if isinstance(error, psycopg.Error):
                    message = f"the job database does not answer: {error}"
                    raise StoreUnavailableError(message) from error
                raise

    async def expire_after(self, seconds: float) -> None:
        """Have the server end the connection, its locks with it, when it has been silent so long.

        For as long as it lasts: one that is made anew has to be told again. Raises as `ask`.
        """
        await self.ask(_EXPIRING, {"idle": f"{seconds}s"})

    async def notified(self) -> str:
        """Return the payload of the next notification; raises `StoreUnavailableError`."""
        async with self._turn:
            try:
                connection = await self._connected()
                async for notify in connection.notifies():
                    return notify.payload
                raise psycopg.OperationalError("the connection was closed")
            except psycopg.Error as error:
                await self._hang_up()
                raise StoreUnavailableError(f"the job database is silent: {error}") from error

    async def close(self) -> None:
        """Hang up; whatever the connection held is free."""
        await self._hang_up()

    async def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                row_factory=dict_row,
                **PATIENCE,
            )
        return self._connection

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
