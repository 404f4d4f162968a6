"""Moments in their written forms, so that two of them can be held against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

NEAR_SECONDS = 30.0
"""Two answers to one request are given within it; a lifetime of another length shows."""

_EPOCH_SECONDS = (1e9, 4e9)  # 2001 to 2096
_EPOCH_MILLISECONDS = (1e12, 4e12)


def epoch_form(number: int | float) -> str | None:
    """Return the name of the epoch form that a number may be, None for other numbers."""
    suffix = "-float" if isinstance(number, float) else ""
    if _EPOCH_SECONDS[0] <= number < _EPOCH_SECONDS[1]:
        return f"epoch-seconds{suffix}"
    if _EPOCH_MILLISECONDS[0] <= number < _EPOCH_MILLISECONDS[1]:
        return f"epoch-milliseconds{suffix}"
    return None


def moment(value: object) -> float | None:
    """Return a written time as epoch seconds (UTC), None where the value is no time.

    A time without a zone is read as UTC: only differences of two such times are used.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        form = epoch_form(value)
        return None if form is None else value / (1000 if "milli" in form else 1)
    return _written(value) if isinstance(value, str) and 16 <= len(value) <= 40 else None


def _written(text: str) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(text)
        except ValueError:
            continue
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return None
