"""Routes and operations of one app, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from parity_harness.discovery.shapes import Parameter, Shape

Foreign = Any
"""An object of a framework that this package reads by its attributes and never imports."""

STANDARD_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a route: who answers it and what it takes.

    `media` are the body types it reads (`application/json`, …). `answers` are keys its JSON
    answers are known to have. `statuses` are those named in source or schema. `body_limit` is the
    largest body in bytes that the app says it takes.
    """

    method: str
    endpoint: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Shape | None = None
    media: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    answers: tuple[str, ...] = ()
    body_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One canonical template (`/jobs/{job_id}`) and everything that answers under it.

    `path` holds the path parameters in order; their shape's `format` is the converter
    (`int`, `float`, `uuid`, `path`, `any`, `string`). `implied` are methods the framework adds.
    `implicit` marks what no one wrote: Flask's static route, FastAPI's documentation pages.
    """

    template: str
    operations: tuple[Operation, ...] = ()
    path: tuple[Parameter, ...] = ()
    implied: tuple[str, ...] = ()
    strict_slashes: bool = True
    implicit: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods somebody wrote, sorted."""
        return tuple(sorted(operation.method for operation in self.operations))

    @property
    def pattern(self) -> str:
        """The template without its names: `/jobs/{}`."""
        return _PLACEHOLDER.sub("{}", self.template)

    def operation(self, method: str) -> Operation | None:
        """Return what answers a method here."""
        return next((each for each in self.operations if each.method == method), None)

    def only(self, methods: tuple[str, ...]) -> Route:
        """Return this route with some of its operations."""
        kept = tuple(each for each in self.operations if each.method in methods)
        return replace(self, operations=kept, implied=())


@dataclass(frozen=True, slots=True)
class Inventory:
    """All routes of one app in matching order, and notes on what could not be read."""

    routes: tuple[Route, ...] = ()
    notes: tuple[str, ...] = ()
    framework: str = ""
