"""Asks a server by its URL, over one connection that is kept alive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.answer import EndlessError, too_late
from parity_harness.targets.network.wire import Connection, NoAnswerError

_IN_USE = "connection closed without an answer"


class HttpTarget:
    """A server that already runs. Its state cannot be made fresh from here.

    `host` is the Host of requests that say none; by default the URL's own.
    """

    def __init__(self, url: str, seconds: float, *, host: str | None = None) -> None:
        parts = urlsplit(url)
        self.name = url
        self.url = url.rstrip("/")
        self.seconds = seconds
        self._is_tls = parts.scheme == "https"
        self._address = (parts.hostname or "localhost", parts.port or (443 if self._is_tls else 80))
        self._host = host or parts.netloc.rpartition("@")[2]
        self._connection: Connection | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Connect; the environment of a server that already runs is its own affair."""
        if environment:
            names = ", ".join(sorted(environment))
            raise TargetError(f"{self.name} already runs: {names} cannot be set for it; use cmd:")
        self._connection = await self._connected()

    async def send(self, probe: Probe) -> Response:
        """Return the answer; a dropped connection or a missed limit is the answer's failure."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._ask(probe)
        except TimeoutError:
            self._hang_up()
            return Response(0, failure=too_late(self.seconds), seconds=self.seconds)
        except EndlessError as error:
            self._hang_up()
            return Response(0, failure=str(error))
        except NoAnswerError:
            self._hang_up()
            return Response(0, failure=_IN_USE)
        except ValueError as error:
            self._hang_up()
            return Response(0, failure=f"malformed answer: {error}")

    async def reset(self) -> None:
        """Start over with a new connection: nothing else of a foreign server can be reset."""
        self._hang_up()

    def expand(self, text: str) -> str:
        """Return the text: a foreign server has no folder of ours."""
        return text

    async def close(self) -> None:
        """Hang up."""
        self._hang_up()

    async def _ask(self, probe: Probe) -> Response:
        connection = await self._connected()
        was_fresh = connection.is_fresh
        try:
            return await connection.ask(probe, self._host)
        except NoAnswerError:
            if was_fresh:
                raise
            self._hang_up()  # servers may close an idle connection just as we use it
            return await (await self._connected()).ask(probe, self._host)

    async def _connected(self) -> Connection:
        if self._connection and self._connection.is_reusable:
            return self._connection
        self._hang_up()
        try:
            self._connection = await Connection.open(*self._address, tls=self._is_tls)
        except OSError as error:
            raise TargetError(f"nothing answers at {self.url}: {error}") from error
        return self._connection

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
