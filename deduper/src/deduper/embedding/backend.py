"""What turns texts into vectors: the seam that both backends fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Cosines = NDArray[np.float32]
Scores = NDArray[np.float64]


class Backend(Protocol):
    """Embeds texts; a vector travels as bytes that only its own backend can read."""

    @property
    def name(self) -> str:
        """Tell backends apart whose vectors differ: it is part of the cache's key."""

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text."""

    def fit(self, approved: Iterable[Sequence[bytes | None]]) -> None:
        """Take note of all approved texts' vectors, in blocks, before the first cosine is asked.

        A backend that has nothing to learn from them does not look at a single block.
        """

    def cosines(self, left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Cosines:
        """Return a row for each vector on the left, a column for each on the right.

        A missing vector's cosine with any other, missing ones too, is 0.
        """

    def scale(self) -> Scale:
        """Return the map from this backend's cosines to the scores readers know."""


class Scale(Protocol):
    """A monotone map from cosines to scores; see `calibration`."""

    def __call__(self, cosines: Cosines) -> Scores:
        """Return the scores, 0 to 1."""
