"""Runs an ASGI app's lifespan: startup before the first request, shutdown after the last."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from parity_harness.errors import TargetError
from parity_harness.targets.in_process.watchdog import Late

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

_STARTUP_SECONDS = 30.0
_SHUTDOWN_SECONDS = 10.0
_BLOCKED = "its lifespan blocked the event loop"


class Lifespan:
    """The lifespan of one app instance; `state` is what it hands to its requests.

    An app that refuses the lifespan scope is taken to have none, as servers take it.
    """

    def __init__(self, app: AsgiApp, name: str) -> None:
        self._app = app
        self._name = name
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Begin.

        Raises:
            TargetError: startup failed, or took more than 30 seconds.
        """
        self._task = asyncio.create_task(self._run(), name="parity-lifespan")
        answer = await self._ask("lifespan.startup", _STARTUP_SECONDS)
        if answer is None:
            raise TargetError(f"{self._name} did not start within {_STARTUP_SECONDS:g} s")
        if answer["type"] == "lifespan.startup.failed":
            output = str(answer.get("message", ""))
            raise TargetError(f"{self._name} failed to start", output=output)

    async def stop(self) -> None:
        """End; an app that does not come to an end within 10 seconds is cancelled."""
        if self._task and not self._task.done():
            await self._ask("lifespan.shutdown", _SHUTDOWN_SECONDS)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_SHUTDOWN_SECONDS)
        self._task = None

    async def _ask(self, event: str, seconds: float) -> Message | None:
        await self._inbox.put({"type": event})
        try:
            async with asyncio.timeout(seconds):
                return await self._outbox.get()
        except TimeoutError:
            return None

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._inbox.get, self._outbox.put)
        except Late:
            self._outbox.put_nowait({"type": "lifespan.startup.failed", "message": _BLOCKED})
        except Exception:  # noqa: BLE001  (no lifespan, by the ASGI specification)
            self._outbox.put_nowait({"type": "lifespan.unsupported", "why": traceback.format_exc()})
        finally:
            self._outbox.put_nowait({"type": "lifespan.ended"})  # nobody waits for it in vain
