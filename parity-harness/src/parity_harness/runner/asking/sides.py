"""One or two targets that get the same requests and the same fresh states."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

from parity_harness.errors import TargetError
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.targets.answer import LATE
from parity_harness.targets.protocol import Target

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that are meant to change nothing (RFC 9110, section 9.2.1)."""

_PATIENCE = 3  # late answers in a row, before a target is taken to hang
_BREATH = 64  # requests between two chances for Ctrl-C where an app never waits
_CREATED = (201, 202)


@runtime_checkable
class Recording(Protocol):
    """A target that knows its answers by scenario."""

    def turn_to(self, scenario: Scenario) -> None:
        """Answer from now on as in this scenario."""


@dataclass(slots=True)
class _Seat:
    """A target, and how it is: started with what, changed since, how often too late."""

    target: Target
    environment: Mapping[str, str] | None = None
    is_touched: bool = False
    late: int = 0


class Sides:
    """Targets asked in order, or `together` where each has a process of its own.

    Processes take long to start: those that were asked for nothing but reads stay.
    """

    def __init__(self, targets: Sequence[Target], *, together: bool = False) -> None:
        self._seats = [_Seat(target) for target in targets]
        self._together = together
        self._asked = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets, the baseline first."""
        return tuple(seat.target for seat in self._seats)

    def lone(self, index: int) -> Self:
        """Return one of the sides, to be asked apart from the other."""
        side = type(self)((), together=self._together)
        side._seats = [self._seats[index]]  # noqa: SLF001  (another one of us)
        return side

    async def begin(self, scenario: Scenario) -> None:
        """Make every state fresh for a scenario; a recording turns to it."""
        for target in self.targets:
            if isinstance(target, Recording):
                target.turn_to(scenario)
        await self.fresh(scenario.environment)

    async def fresh(self, environment: Mapping[str, str]) -> None:
        """Make every state fresh, with these variables set.

        Raises:
            TargetError: a target cannot be started.
        """
        await self._each(self._fresh(seat, environment) for seat in self._seats)

    async def close(self) -> None:
        """End every target."""
        for seat in self._seats:
            seat.environment = None
        await self._each(seat.target.close() for seat in self._seats)

    async def ask(self, probe: Probe) -> tuple[Exchange, ...]:
        """Send one probe to all.

        Raises:
            TargetError: a target cannot answer at all: it has died, or hangs.
        """
        if self._together:
            sent = (seat.target.send(probe) for seat in self._seats)
            responses = await asyncio.gather(*sent)
        else:
            responses = [await seat.target.send(probe) for seat in self._seats]
        self._asked += 1
        if self._asked % _BREATH == 0:
            await asyncio.sleep(0)
        for seat, response in zip(self._seats, responses, strict=True):
            _watch(seat, probe, response)
        return tuple(Exchange(probe, response) for response in responses)

    async def _fresh(self, seat: _Seat, environment: Mapping[str, str]) -> None:
        if seat.environment != environment:
            seat.environment = None
            await seat.target.start(environment)
            seat.environment = dict(environment)
        elif seat.is_touched or not self._together:
            await seat.target.reset()
        seat.is_touched = False

    async def _each(self, actions: Iterable[Coroutine[None, None, None]]) -> None:
        if self._together:
            await asyncio.gather(*actions)
        else:
            for action in actions:
                await action


def _watch(seat: _Seat, probe: Probe, response: Response) -> None:
    seat.is_touched |= response.status in _CREATED or (
        probe.method not in SAFE and not 400 <= response.status < 500
    )
    if not response.failure or not response.failure.startswith(LATE):
        seat.late = 0
        return
    seat.late += 1
    if seat.late >= _PATIENCE:
        raise TargetError(
            f"{seat.target.name} hangs: {response.failure}, {_PATIENCE} times in a row;"
            f" the last was {probe.method} {probe.target}"
        )
