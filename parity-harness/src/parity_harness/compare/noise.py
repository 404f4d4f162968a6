"""Learns what is volatile from the baseline against itself."""

from __future__ import annotations

from collections.abc import Sequence

from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import NoiseRule


def learn(
    pairs: Sequence[tuple[Exchange, Exchange]], *, during: tuple[float, float] | None = None
) -> tuple[NoiseRule, ...]:
    """Return what differs between two runs of the baseline, as types and formats.

    `during` is the span of the two runs in epoch seconds (UTC): a time inside it is volatile even
    where both runs happened to say the same second.
    """
    return ()
