"""A target that waits, after a write, until the app's background work is done.

An app that answers before it has finished (a queue, a thread, a task) shows other states to the
same request, depending on the moment. Where a contract names a read that tells when all is done,
the wait makes both sides comparable. Declared scenarios have their own `eventually` instead.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.protocol import Target

EVERY_SECONDS = 0.01
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_CREATED = (201, 202)


@dataclass(frozen=True, slots=True)
class Settle:
    """All is done once every value at `pointer` of this read's answer is one of `any_of`.

    `pointer` is a JSON Pointer in which `*` stands for every item; the wait ends after
    `within_seconds` whether or not it is.
    """

    read: Probe
    pointer: str
    any_of: tuple[object, ...]
    within_seconds: float = 10.0

    def is_reached(self, response: Response) -> bool:
        """Whether the read says that all is done; one that is no JSON cannot say otherwise."""
        try:
            document = json.loads(response.body)
        except ValueError:
            return True
        parts = self.pointer.strip("/").split("/")
        return all(value in self.any_of for value in _values(document, parts))


class SettlingTarget:
    """Another target, with a wait after every write that is not part of a declared scenario."""

    def __init__(self, target: Target, settle: Settle) -> None:
        self.name = target.name
        self._target = target
        self._settle = settle
        self._is_declared_next = False
        self._is_waiting = True

    def turn_to(self, scenario: Scenario) -> None:
        """Learn which scenario the next fresh state is for."""
        self._is_declared_next = scenario.origin == "declared"

    async def start(self, environment: Mapping[str, str]) -> None:
        """Make the app afresh."""
        self._turn()
        await self._target.start(environment)

    async def send(self, probe: Probe) -> Response:
        """Return the answer to one request, once what it set off is done."""
        response = await self._target.send(probe)
        if self._is_waiting and _may_have_written(probe, response):
            await self._settled()
        return response

    async def reset(self) -> None:
        """Put the app back to the state it was started in."""
        self._turn()
        await self._target.reset()

    def expand(self, text: str) -> str:
        """Return a text with `{tmp}` filled in."""
        return self._target.expand(text)

    async def close(self) -> None:
        """End the app."""
        await self._target.close()

    def _turn(self) -> None:
        self._is_waiting, self._is_declared_next = not self._is_declared_next, False

    async def _settled(self) -> None:
        deadline = time.monotonic() + self._settle.within_seconds
        while time.monotonic() < deadline:
            if self._settle.is_reached(await self._target.send(self._settle.read)):
                return
            await asyncio.sleep(EVERY_SECONDS)


def _may_have_written(probe: Probe, response: Response) -> bool:
    if response.status in _CREATED:
        return True
    return probe.method not in _SAFE and 200 <= response.status < 300


def _values(value: object, parts: list[str]) -> Iterator[object]:
    if not parts:
        yield value
    elif parts[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _values(item, parts[1:])
    elif isinstance(value, dict) and parts[0] in value:
        yield from _values(value[parts[0]], parts[1:])
