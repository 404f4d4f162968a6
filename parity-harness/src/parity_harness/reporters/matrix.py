"""Routes by methods: what was alike, what is open, what was decided, what nobody asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report
from parity_harness.reporters.summary import divergences

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Cell:
    """One method of one route."""

    method: str
    exercised: bool
    open: int
    decided: int

    @property
    def state(self) -> str:
        """`open`, `decided`, `kept`, or `blank` where nothing was asked."""
        if self.open:
            return "open"
        if self.decided:
            return "decided"
        return "kept" if self.exercised else "blank"


@dataclass(frozen=True, slots=True)
class Row:
    """One route of the matrix, with a cell for each method of the whole run."""

    route: str
    statuses: tuple[int, ...]
    missing: tuple[str, ...]
    cells: tuple[Cell, ...]


def matrix(report: Report) -> tuple[Row, ...]:
    """Return routes by methods; every route that was exercised or found to differ."""
    opened = Counter(_place(each) for each in report.judgement.open)
    decided = Counter(_place(each) for each, _ in report.judgement.decided)
    coverage = {each.route: each for each in report.coverage}
    routes = sorted(coverage.keys() | {route for _, route in opened | decided})
    columns = methods(report)
    return tuple(
        Row(
            route,
            coverage[route].statuses if route in coverage else (),
            coverage[route].missing if route in coverage else (),
            tuple(
                Cell(
                    method,
                    route in coverage and method in coverage[route].methods,
                    opened[method, route],
                    decided[method, route],
                )
                for method in columns
            ),
        )
        for route in routes
    )


def methods(report: Report) -> tuple[str, ...]:
    """Return every method of the run, in the order people expect."""
    seen = {method for each in report.coverage for method in each.methods}
    seen |= {each.method for each in divergences(report)}
    usual = [each for each in _METHODS if each in seen]
    return (*usual, *sorted(seen - set(_METHODS)))


def _place(divergence: Divergence) -> tuple[str, str]:
    return divergence.method, divergence.route
