"""The best few approved articles for each new one, of any number that pass by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deduper.embedding.backend import Scores

Ids = NDArray[np.int64]
NOBODY = -1


class Best:
    """Holds so many approved articles per new one, over a floor; first come wins a tie.

    The pair of an article with itself is kept besides, whatever its score: readers know it by
    its flag.
    """

    def __init__(self, new: Ids, top: int, floor: float) -> None:
        self._new = new
        self._top = top
        self._floor = floor
        self._ids = np.full((len(new), top), NOBODY, np.int64)
        self._scores = np.full((len(new), top), -np.inf)
        self._selves: list[tuple[int, int, float]] = []

    def offer(self, approved: Ids, scores: Scores) -> None:
        """Take note of a block: a row for each new article, a column for each approved one."""
        itself = self._new[:, None] == approved[None, :]
        for row, column in zip(*itself.nonzero(), strict=True):
            article = int(approved[column])
            self._selves.append((article, article, float(scores[row, column])))
        wanted = np.where(itself, -np.inf, scores)
        ids = np.broadcast_to(approved, scores.shape)
        self._keep(np.hstack([self._ids, ids]), np.hstack([self._scores, wanted]))

    def pairs(self) -> Iterator[tuple[int, int, float]]:
        """Yield (new, approved, score), new articles in order, the best first, selves last."""
        for new, ids, scores in zip(self._new.tolist(), self._ids, self._scores, strict=True):
            for approved, score in zip(ids.tolist(), scores.tolist(), strict=True):
                if score > self._floor:
                    yield new, approved, score
        yield from self._selves

    def _keep(self, ids: Ids, scores: Scores) -> None:
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self._top]
        self._ids = np.take_along_axis(ids, order, axis=1)
        self._scores = np.take_along_axis(scores, order, axis=1)
