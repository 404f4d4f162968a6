"""A reasoned, owned, expiring stance on a divergence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Disposition(StrEnum):
    """What was decided."""

    PRESERVE = "preserve"  # the candidate must answer as the baseline: a match breaks the contract
    ACCEPT = "accept"  # the candidate may differ here
    FIX = "fix"  # it differs, and will not by the expiry date


@dataclass(frozen=True, slots=True)
class Selector:
    """Which divergences a decision speaks of; unset fields match all, `*` is a wildcard."""

    fingerprint: str | None = None
    trap: str | None = None
    kind: str | None = None
    method: str | None = None
    route: str | None = None
    path: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the decisions file; all fields but `selector`'s are required there.

    `line` is where the entry starts in its file, for the message that tells what to mend.
    """

    selector: Selector
    disposition: Disposition
    reason: str
    owner: str
    expires: date
    source: str = ""
    line: int = 0
