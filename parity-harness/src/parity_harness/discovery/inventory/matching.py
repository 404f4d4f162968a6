"""Puts both inventories side by side: matched, missing, extra."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from parity_harness.discovery.inventory.routes import Inventory, Operation, Route
from parity_harness.discovery.shapes import merged, merged_parameters


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
    """Pair routes by pattern (`/jobs/{}`); parameter names and a trailing slash may differ."""
    pairs, missing, extra = _paired(baseline.routes, candidate.routes)
    return Matched(
        routes=tuple(_matched(ours, theirs) for ours, theirs in pairs),
        missing=(*missing, *_unanswered(pairs)),
        extra=(*extra, *_unanswered([(theirs, ours) for ours, theirs in pairs])),
        notes=baseline.notes + candidate.notes,
    )


Pairs = list[tuple[Route, Route]]


def _paired(
    baseline: tuple[Route, ...], candidate: tuple[Route, ...]
) -> tuple[Pairs, list[Route], list[Route]]:
    missing, extra = list(baseline), list(candidate)
    pairs: Pairs = []
    for is_slash_ignored in (False, True):  # exact partners first
        for route in list(missing):
            partner = _partner(route, extra, is_slash_ignored=is_slash_ignored)
            if partner:
                pairs.append((route, partner))
                missing.remove(route)
                extra.remove(partner)
    order = {id(route): position for position, route in enumerate(baseline)}
    return sorted(pairs, key=lambda pair: order[id(pair[0])]), missing, extra


def _partner(route: Route, candidates: list[Route], *, is_slash_ignored: bool) -> Route | None:
    wanted = route.pattern.rstrip("/") if is_slash_ignored else route.pattern
    found = [
        each
        for each in candidates
        if (each.pattern.rstrip("/") if is_slash_ignored else each.pattern) == wanted
    ]
    # one pattern may occur twice with different converters: /x/<int:id> and /x/<name>
    return max(found, key=lambda each: _likeness(route, each), default=None)


def _likeness(one: Route, other: Route) -> tuple[int, int]:
    kinds = sum(
        ours.shape.format == theirs.shape.format
        for ours, theirs in zip(one.path, other.path, strict=False)
    )
    return kinds, len(set(one.methods) & set(other.methods))


def _matched(ours: Route, theirs: Route) -> MatchedRoute:
    return MatchedRoute(ours.template, ours, theirs, tuple(_operations(ours, theirs)))


def _operations(ours: Route, theirs: Route) -> Iterator[Operation]:
    for operation in ours.operations:
        other = theirs.operation(operation.method)
        if other:
            yield _both(operation, other)


def _both(ours: Operation, theirs: Operation) -> Operation:
    body = merged(ours.body, theirs.body) if ours.body and theirs.body else None
    return replace(
        ours,
        parameters=merged_parameters(ours.parameters, theirs.parameters),
        body=body or ours.body or theirs.body,
        media=tuple(dict.fromkeys(ours.media + theirs.media)),
        statuses=tuple(sorted({*ours.statuses, *theirs.statuses})),
        answers=tuple(dict.fromkeys(ours.answers + theirs.answers)),
    )


def _unanswered(pairs: Pairs) -> Iterator[Route]:
    for ours, theirs in pairs:
        lacking = tuple(sorted({*ours.methods} - {*theirs.methods, *theirs.implied}))
        if lacking:
            yield ours.only(lacking)
