"""Connections to PostgreSQL: taken from a pool, mended after an outage, in our own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import TextLoader
from psycopg_pool import AsyncConnectionPool

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.postgres_schema import described

Connection = psycopg.AsyncConnection[DictRow]
Parameters = Mapping[str, Any]

PATIENCE: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # ms; a cut network tells nobody, and the kernel waits 15 minutes
}
"""How long a connection that is silent is believed in."""

_RECONNECT_SECONDS = 4.0  # then whoever asks next begins anew: the pool doubles its delays


class Pool:
    """Up to `most` connections; a call waits `patience_seconds` for one, then says why not."""

    def __init__(self, url: str, *, most: int, patience_seconds: float) -> None:
        self._url = url
        self._most = most
        self._patience_seconds = patience_seconds
        self._pool: AsyncConnectionPool[Connection] | None = None

    async def start(self) -> None:
        """Connect; raises `StoreUnavailableError`."""
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._url,
            min_size=1,
            max_size=self._most,
            open=False,
            timeout=self._patience_seconds,
            reconnect_timeout=_RECONNECT_SECONDS,
            configure=_configure,
            kwargs={"autocommit": True, "row_factory": dict_row, **PATIENCE},
        )
        try:
            await pool.open(wait=True, timeout=self._patience_seconds)
        except psycopg.Error as error:
            await pool.close()
            raise self.unavailable(error) from error
        self._pool = pool

    async def stop(self) -> None:
        """Disconnect."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection, each statement a transaction; raises `StoreUnavailableError`."""
        if self._pool is None:
            raise StoreUnavailableError("the job store is closed")
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.Error as error:
            await self._mend(error)
            raise self.unavailable(error) from error

    async def _mend(self, error: psycopg.Error) -> None:
        """Drop the connections that died together with the one that failed."""
        if self._pool is not None and isinstance(error, psycopg.OperationalError):
            await self._pool.check()

    async def fetch(self, statement: str, parameters: Parameters) -> list[DictRow]:
        """Return the rows of a query; asked a second time where the connection was a dead one."""
        try:
            return await self._fetch(statement, parameters)
        except StoreUnavailableError as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            return await self._fetch(statement, parameters)

    def unavailable(self, error: psycopg.Error) -> StoreUnavailableError:
        """Say in one line what is wrong, and of which database."""
        reason = " ".join(str(error).split()) or type(error).__name__
        return StoreUnavailableError(
            f"the job database {described(self._url)} is unavailable: {reason}"
        )

    async def _fetch(self, statement: str, parameters: Parameters) -> list[DictRow]:
        async with self.connection() as connection:
            return await (await connection.execute(statement, parameters)).fetchall()


async def _configure(connection: Connection) -> None:
    """Times come as the text they are written as; who is stopped half-way holds nobody up."""
    connection.adapters.register_loader("timestamptz", TextLoader)
    await connection.execute("SET TimeZone = 'UTC'")
    await connection.execute("SET idle_in_transaction_session_timeout = '30s'")
