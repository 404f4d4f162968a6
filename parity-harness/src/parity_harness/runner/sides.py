"""One or two targets that get the same requests and the same fresh states."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from parity_harness.errors import TargetError
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.targets.protocol import Target

MISSED = "no answer within"
"""How the failure of an answer begins that did not come in time."""

_PATIENCE = 3  # late answers in a row, before a target is taken to hang
_BREATH = 64  # requests between two chances for Ctrl-C where an app never waits


@runtime_checkable
class Recording(Protocol):
    """A target that knows its answers by scenario."""

    def turn_to(self, scenario: Scenario) -> None:
        """Answer from now on as in this scenario."""


class Sides:
    """Targets asked in order, or at the same time where each has a process of its own."""

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        together: bool = False,
        environments: dict[int, Mapping[str, str]] | None = None,
    ) -> None:
        self.targets = tuple(targets)
        self._together = together
        self._late = [0] * len(targets)
        self._asked = 0
        # Shared with lone sides: a target that was started by one is known to the other.
        self._environments: dict[int, Mapping[str, str]] = (
            {} if environments is None else environments
        )

    def lone(self, index: int) -> Sides:
        """Return one of the sides, to be asked apart from the other."""
        return Sides((self.targets[index],), environments=self._environments)

    async def fresh(self, environment: Mapping[str, str]) -> None:
        """Make every state fresh, with these variables set.

        Raises:
            TargetError: a target cannot be started.
        """
        await self._each(self._fresh(target, environment) for target in self.targets)

    async def begin(self, scenario: Scenario) -> None:
        """Make every state fresh for a scenario; a recording turns to it."""
        for target in self.targets:
            if isinstance(target, Recording):
                target.turn_to(scenario)
        await self.fresh(scenario.environment)

    async def close(self) -> None:
        """End every target."""
        self._environments.clear()
        await self._each(target.close() for target in self.targets)

    async def ask(self, probe: Probe) -> tuple[Exchange, ...]:
        """Send one probe to all.

        Raises:
            TargetError: a target cannot answer at all: it has died, or hangs.
        """
        if self._together:
            responses = await asyncio.gather(*(each.send(probe) for each in self.targets))
        else:
            responses = [await each.send(probe) for each in self.targets]
        self._asked += 1
        if self._asked % _BREATH == 0:
            await asyncio.sleep(0)
        for index, response in enumerate(responses):
            self._lose_patience(index, response, probe)
        return tuple(Exchange(probe, response) for response in responses)

    async def _fresh(self, target: Target, environment: Mapping[str, str]) -> None:
        key = id(target)
        if self._environments.get(key) == environment:
            await target.reset()
        else:
            self._environments.pop(key, None)
            await target.start(environment)
            self._environments[key] = dict(environment)

    async def _each(self, actions: Iterable[Coroutine[None, None, None]]) -> None:
        if self._together:
            await asyncio.gather(*actions)
        else:
            for action in actions:
                await action

    def _lose_patience(self, index: int, response: Response, probe: Probe) -> None:
        if not response.failure or not response.failure.startswith(MISSED):
            self._late[index] = 0
            return
        self._late[index] += 1
        if self._late[index] >= _PATIENCE:
            raise TargetError(
                f"{self.targets[index].name} hangs: {response.failure}, {_PATIENCE} times in a row;"
                f" the last was {probe.method} {probe.target}"
            )
