"""Requests made from the inventory, a module for each family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity_harness.discovery.inventory import Matched
from parity_harness.model.exchange import Exchange, Probe

Seen = Sequence[tuple[Exchange, Exchange]]
"""Exchanges of the baseline with itself (two fresh instances), in probe order."""


def make(matched: Matched, *, seed: int) -> Iterator[Probe]:
    """Yield probes in a fixed order, most valuable first, so that a budget cuts the tail."""
    del matched, seed
    yield Probe("GET", "/no-such-path", purpose="unknown path")


def follow_up(matched: Matched, seen: Seen) -> Iterator[Probe]:
    """Yield probes made from stable values the baseline answered: ids, filter values, links."""
    del matched, seen
    yield from ()
