"""Asks in the light of rate limits: a 429 that probing brought about is no answer to a probe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from parity_harness.model.exchange import Exchange, Probe
from parity_harness.runner.asking.sides import Sides

_TOO_MANY = 429
_MOST_RETRIES = 25  # per route, before its 429s are taken as they come


class PatientAsker:
    """Asks again from a fresh state where a limit was hit; `limited` counts by route.

    `start_over` makes the state fresh and puts back what the run had built up.
    """

    def __init__(self, sides: Sides, start_over: Callable[[], Awaitable[None]]) -> None:
        self._sides = sides
        self._start_over = start_over
        self.limited: dict[str, Probe] = {}
        self._retries: Counter[str] = Counter()

    async def ask(self, probe: Probe) -> tuple[Exchange, ...]:
        """Return the answers, of a second try where the first hit a limit on either side."""
        exchanges = await self._sides.ask(probe)
        route = probe.route or ""
        if not _is_limited(exchanges) or self._retries[route] >= _MOST_RETRIES:
            return exchanges
        self._retries[route] += 1
        self.limited.setdefault(route, probe)
        await self._start_over()
        return await self._sides.ask(probe)


def _is_limited(exchanges: tuple[Exchange, ...]) -> bool:
    return any(exchange.response.status == _TOO_MANY for exchange in exchanges)
