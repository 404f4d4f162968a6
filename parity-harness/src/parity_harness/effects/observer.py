"""The seam of the observers."""

from __future__ import annotations

from typing import Protocol

from parity_harness.model.exchange import Effect


class Observer(Protocol):
    """Watches one side for what a request does besides answering."""

    def begin(self) -> None:
        """Remember how things are before the request."""

    def end(self) -> tuple[Effect, ...]:
        """Return what has happened since, in a stable order."""
        ...
