"""The catalogue: one TOML file a trap, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap: what either framework does, why, how a client sees it, and the cure.

    `cure` is FastAPI code that runs as printed: it defines `cure(app)` or what its text says.
    """

    id: str
    title: str
    flask: str
    fastapi: str
    why: str
    client_view: str
    cure: str


CATALOGUE: Mapping[str, Trap] = {}
