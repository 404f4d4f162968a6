"""One table for all figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import ge, le
from typing import Literal

_FITS = {"≥": ge, "≤": le}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a value has to reach."""

    sign: Literal["≥", "≤"]
    limit: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:,g}{self.unit}"

    def is_met_by(self, value: float) -> bool:
        """Whether the value is on the right side."""
        return bool(_FITS[self.sign](value, self.limit))


@dataclass(frozen=True, slots=True)
class Line:
    """A figure, what stands beside it in the same run, and the value that the goal is about."""

    what: str
    figure: str
    beside: str
    value: float
    goal: Goal | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is met, empty without a goal."""
        if self.goal is None:
            return ""
        return "met" if self.goal.is_met_by(self.value) else "**missed**"


def quartile(values: Sequence[float]) -> float:
    """Return what a quarter of the values do not exceed: the rounds that neighbours left alone."""
    return sorted(values)[len(values) // 4]


def print_lines(lines: Iterable[Line]) -> None:
    """Print each line as soon as it is known."""
    print("| what | figure | beside it | value | goal | |\n|---|---|---|---|---|---|")
    for line in lines:
        unit = line.goal.unit if line.goal else ""
        cells = (line.what, line.figure, line.beside, f"{line.value:,.2f}{unit}")
        print(f"| {' | '.join(cells)} | {line.goal or ''} | {line.verdict} |", flush=True)
