"""The maps from cosines to scores: kept as data, fitted by `deduper calibrate`.

The cosines of two backends do not mean the same, and readers have one threshold for all. So
each backend's cosines go through a monotone map under which 0.7 is the cut with the best F1 on
labelled pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from deduper.embedding.backend import Cosines, Scores
from deduper.errors import ModelError

THRESHOLD = 0.7
DIGITS = 6
FILE = "calibration.json"
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone, piecewise linear map given by its knots: (cosine, score), both rising."""

    knots: Sequence[tuple[float, float]]

    def __call__(self, cosines: Cosines) -> Scores:
        """Return the scores of cosines, 0 to 1."""
        raw, scores = zip(*self.knots, strict=True)
        mapped: Scores = np.interp(clamp(cosines), raw, scores).round(DIGITS)
        return mapped


def clamp(cosines: Cosines) -> Scores:
    """Return the bare cosines, cut to 0 to 1."""
    return np.clip(cosines.astype(np.float64), 0.0, 1.0).round(DIGITS)


def through(cut: float) -> Calibration:
    """Return the map that sends this cosine to the readers' threshold, and the ends to the ends."""
    return Calibration(((0.0, 0.0), (cut, THRESHOLD), (1.0, 1.0)))


def load(family: str, folder: Path = DATA) -> Calibration:
    """Return the map of a family of backends from a folder's calibration file.

    Raises:
        ModelError: the file is there and is no calibration of this family.
    """
    path = folder / FILE
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))[family]
        return Calibration(_rising((float(raw), float(score)) for raw, score in entry["knots"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no calibration of {family}: {error!r}") from error


def _rising(knots: Iterable[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    steps = tuple(knots)
    for before, after in pairwise(steps):
        if after[0] <= before[0] or after[1] <= before[1]:
            raise ValueError(f"{before} and {after} do not rise")
    if len(steps) < 2:
        raise ValueError("a map needs two knots or more")
    return steps
