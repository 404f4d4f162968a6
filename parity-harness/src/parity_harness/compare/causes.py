"""One mistake shows in many answers: divergences of one cause get one name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity_harness.model.divergence import Divergence


def group(divergences: Iterable[Divergence]) -> tuple[Divergence, ...]:
    """Return the divergences, each fingerprint once, with `cause` set (traps first, if known)."""
    return tuple(replace(each, cause=each.trap or each.fingerprint) for each in divergences)
