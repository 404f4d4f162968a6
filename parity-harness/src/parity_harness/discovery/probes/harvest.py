"""Probes made from what the baseline answered: ids that exist, values to filter by, validators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity_harness.discovery.inventory import Matched
from parity_harness.model.exchange import Exchange, Probe

Seen = Sequence[tuple[Exchange, Exchange]]
"""Exchanges of the baseline with itself (two fresh instances), in probe order."""


def follow_up(matched: Matched, seen: Seen) -> Iterator[Probe]:
    """Yield probes made from stable values the baseline answered."""
    del matched, seen
    yield from ()
