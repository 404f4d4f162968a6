"""What WSGI and ASGI targets share: an app imported here, and imported anew for a fresh state."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.answer import failure_of, too_late
from parity_harness.targets.in_process.environment import Environment
from parity_harness.targets.in_process.exits import allow_exits, forbid_exits
from parity_harness.targets.in_process.loading import load_here, put_back_modules
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.spec import TargetSpec
from parity_harness.targets.workspace import Workspace

STARTUP_SECONDS = 40.0
"""For an import, a lifespan's beginning or a reset that blocks; what it awaits has less."""

_RESET_SECONDS = 30.0


class AppTarget(ABC):
    """An app of this process.

    `reset_with` (`MODULE:CALLABLE`) makes its state fresh where importing it again is too slow or
    not enough; it is called without arguments and may be async.
    """

    def __init__(
        self,
        spec: TargetSpec,
        watchdog: Watchdog,
        environment: Mapping[str, str] | None = None,
        reset_with: str | None = None,
    ) -> None:
        self.name = spec.text
        self.spec = spec
        self.watchdog = watchdog
        self.environment = Environment()
        self.app: Any = None
        self._own_variables = dict(environment or {})
        self._variables: Mapping[str, str] = {}
        self._workspace = Workspace()
        self._reset_with = reset_with
        self._reset: Callable[[], Any] | None = None

    @property
    def lateness(self) -> str:
        """How an answer names an app that did not come back."""
        return too_late(self.watchdog.seconds)

    async def start(self, environment: Mapping[str, str]) -> None:
        """Import the app afresh with these variables set, and begin its lifespan."""
        await self._end()
        forbid_exits()
        self._workspace.renew()
        self._variables = environment
        variables = self._workspace.expand_all({**self._own_variables, **environment})
        self.environment = Environment(variables)
        with self.watchdog.limiting(STARTUP_SECONDS, f"the start of {self.name}"):
            await self._begin()
            self._reset = self._find_reset()

    @abstractmethod
    async def send(self, probe: Probe) -> Response:
        """Return the answer to one request."""

    async def reset(self) -> None:
        """Call the app's own reset where there is one, else import it again."""
        if not self._reset:
            await self.start(self._variables)
            return
        self.environment.put_on()
        with self.watchdog.limiting(STARTUP_SECONDS, f"reset '{self._reset_with}'"):
            try:
                await _finished(self._reset())
            except Exception as error:
                raise TargetError(f"{self._reset_with} failed: {failure_of(error)}") from error

    async def close(self) -> None:
        """End the app; the modules that gave way to it come back."""
        await self._end()
        self.app = None
        self.environment.take_off()
        self._workspace.renew()
        put_back_modules()
        allow_exits()

    def expand(self, text: str) -> str:
        """Return a text with `{tmp}` filled in."""
        return self._workspace.expand(text)

    def load(self) -> Any:  # noqa: ANN401  (an app of any framework)
        """Import the app afresh."""
        return load_here(self.spec)

    @abstractmethod
    async def _begin(self) -> None: ...

    async def _end(self) -> None:
        """End the lifespan, where there is one."""
        await asyncio.sleep(0)

    def _find_reset(self) -> Callable[[], Any] | None:
        if not self._reset_with:
            return None
        module, _, attribute = self._reset_with.partition(":")
        try:
            found: Callable[[], Any] = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise TargetError(
                f"reset '{self._reset_with}': {error}; write MODULE:CALLABLE"
            ) from error
        return found


async def _finished(result: object) -> None:
    if inspect.isawaitable(result):
        async with asyncio.timeout(_RESET_SECONDS):
            await result
