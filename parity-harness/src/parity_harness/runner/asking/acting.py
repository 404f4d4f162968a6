"""Performs a scenario on one side, with that side's own ids."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from parity_harness.effects import Observer
from parity_harness.model.contract import Eventually, Scenario, Step
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.asking.templates import NothingCapturedError, at_pointer, capture, fill


class Actor:
    """One side of a scenario; `lacking` says why it cannot go on, once it cannot.

    `turn` is held for every request: sides that share it act in step, and never at a time.
    """

    def __init__(
        self,
        side: Sides,
        scenario: Scenario,
        observers: Sequence[Observer] = (),
        turn: asyncio.Lock | None = None,
    ) -> None:
        self._side = side
        self._scenario = scenario
        self._observers = observers
        self._turn = turn or asyncio.Lock()
        self._captured: dict[str, str] = {}
        self.lacking: str | None = None

    async def act(self, number: int) -> Exchange | None:
        """Return the exchange of one step, None where a value that it needs was not captured."""
        step = self._scenario.steps[number]
        if number == 0:
            for observer in self._observers:
                observer.begin()
        try:
            probe = fill(step.probe, self._captured)
        except NothingCapturedError as error:
            self.lacking = str(error)
            return None
        response = await self._answer(step, probe)
        self._remember(step, response)
        exchange = Exchange(probe, response)
        return self._with_effects(exchange) if self._is_last(number) else exchange

    async def _answer(self, step: Step, probe: Probe) -> Response:
        response = await self._ask(probe)
        if not step.eventually:
            return response
        deadline = time.monotonic() + step.eventually.within_seconds
        while not _reached(response, step.eventually) and time.monotonic() < deadline:
            await asyncio.sleep(step.eventually.every_seconds)
            response = await self._ask(probe)
        return response

    async def _ask(self, probe: Probe) -> Response:
        async with self._turn:
            (exchange,) = await self._side.ask(probe)
        return exchange.response

    def _remember(self, step: Step, response: Response) -> None:
        for name, place in step.captures.items():
            try:
                self._captured[name] = capture(response, place)
            except NothingCapturedError:
                self._captured.pop(name, None)  # told where a later request needs it

    def _is_last(self, number: int) -> bool:
        return number == len(self._scenario.steps) - 1

    def _with_effects(self, exchange: Exchange) -> Exchange:
        effects = [effect for observer in self._observers for effect in observer.end()]
        return replace(exchange, effects=tuple(effects)) if effects else exchange


def _reached(response: Response, wanted: Eventually) -> bool:
    try:
        return at_pointer(response.body, wanted.pointer) in wanted.any_of
    except NothingCapturedError:
        return False
