"""Holds divergences against decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Judgement


def judge(
    divergences: Iterable[Divergence],
    decisions: Sequence[Decision],
    today: date,
    *,
    complete: bool = True,
) -> Judgement:
    """Sort divergences into open and decided; `complete` runs also find stale decisions."""
    return Judgement(open=tuple(divergences))
