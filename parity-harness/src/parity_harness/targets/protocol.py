"""The seam to whatever answers requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from parity_harness.model.exchange import Probe, Response


class Target(Protocol):
    """One app, however it is reached; asked for one answer at a time.

    Every method may raise TargetError, with what the app printed, when the app cannot be run at
    all. A single request that goes wrong is not that: it is an answer whose `failure` is set.
    """

    name: str

    async def start(self, environment: Mapping[str, str]) -> None:
        """Make the app afresh with these variables set, its lifespan begun."""

    async def send(self, probe: Probe) -> Response:
        """Return the answer to one request, its path and bytes unchanged."""

    async def reset(self) -> None:
        """Put the app back to the state it was started in."""

    def expand(self, text: str) -> str:
        """Return a text with `{tmp}`, the folder of the current state, filled in."""
        ...

    async def close(self) -> None:
        """End the app and give back what it holds; closing twice is fine."""
