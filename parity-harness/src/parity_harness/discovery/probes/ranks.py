"""How much a probe is worth: what a budget keeps and what it cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parity_harness.discovery.inventory import MatchedRoute, Operation
from parity_harness.discovery.probes.drafts import Draft
from parity_harness.model.exchange import Probe

VALID_READ, VALID_WRITE, LIKELY, USUAL, LATER, ODD, REMOVING, LAST = range(8)

Ranked = Iterator[tuple[int, Probe]]

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Case:
    """One operation of one route, and a request to it that should succeed."""

    route: MatchedRoute
    operation: Operation
    draft: Draft

    @property
    def is_read(self) -> bool:
        """Whether its method is meant to change nothing."""
        return self.operation.method in SAFE
