"""Holds divergences against decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from parity_harness.model.decision import Decision, Disposition, Selector
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Judgement

_FIELDS = ("fingerprint", "trap", "kind", "method", "route", "path", "purpose")


def judge(
    divergences: Iterable[Divergence],
    decisions: Sequence[Decision],
    today: date,
    *,
    complete: bool = True,
) -> Judgement:
    """Sort divergences into open and decided, and find decisions that need mending.

    `accept` and `fix` silence what they match until the end of their expiry day; `preserve` says
    that the difference is a fault, and silences nothing. `complete` says that everything was
    exercised: only then can a decision be called stale. One to preserve is never stale: that it
    matches nothing is what it asks for.
    """
    found = tuple(divergences)
    answers = [(each, _silencing(each, decisions, today)) for each in found]
    return Judgement(
        open=tuple(each for each, decision in answers if decision is None),
        decided=tuple((each, decision) for each, decision in answers if decision is not None),
        stale=tuple(each for each in decisions if _stale(each, found)) if complete else (),
        expired=tuple(each for each in decisions if each.expires < today),
    )


def matches(selector: Selector, divergence: Divergence) -> bool:
    """Return whether a selector speaks of a divergence: all its set fields must match."""
    wanted = ((getattr(selector, name), getattr(divergence, name)) for name in _FIELDS)
    return all(
        pattern is None or (value is not None and _glob(pattern).fullmatch(value) is not None)
        for pattern, value in wanted
    )


def _silencing(
    divergence: Divergence, decisions: Sequence[Decision], today: date
) -> Decision | None:
    """Return the first decision in force that lets a divergence pass; one to preserve wins."""
    speaking = [
        each for each in decisions if each.expires >= today and matches(each.selector, divergence)
    ]
    if any(each.disposition is Disposition.PRESERVE for each in speaking):
        return None
    return next(iter(speaking), None)


def _stale(decision: Decision, divergences: Sequence[Divergence]) -> bool:
    if decision.disposition is Disposition.PRESERVE:
        return False
    return not any(matches(decision.selector, each) for each in divergences)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
