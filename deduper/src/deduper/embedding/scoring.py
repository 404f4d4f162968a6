"""Scores for pairs of articles, block by block: never the whole matrix at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from deduper.embedding import Options, calibration
from deduper.embedding.backend import Backend, Scale, Scores
from deduper.embedding.best import Best, Ids
from deduper.embedding.cache import EmbeddingCache, open_cache
from deduper.embedding.choice import choose
from deduper.progress import progress

LABEL = "embedding"
BLOCK_ARTICLES = 2_000
BLOCK_SCORES = 2_000_000  # 16 MB
BLOCK_PAIRS = 4_096  # pairs that have nothing in common need this number squared: 134 MB

Vectors = Sequence[bytes | None]


def pair_and_score(connection: sqlite3.Connection, options: Options) -> None:
    """Pair the new articles with the approved ones, all or the best, and score them."""
    new, approved = _ids(connection, "isNew"), _ids(connection, "isApproved")
    with _scorer(connection, options) as scorer:
        grid = _grid(scorer, new, approved)
        if options.top is None:
            _keep_all(connection, new, grid)
        else:
            _keep_best(connection, Best(new, options.top, options.floor), grid)


def score_pairs(connection: sqlite3.Connection, options: Options) -> None:
    """Score the pairs there are."""
    total = connection.execute("SELECT count(*) FROM temp.run_pairs").fetchone()[0]
    with _scorer(connection, options) as scorer, progress(LABEL, total) as advance:
        for rows, new, approved in _pair_blocks(connection):
            scores = scorer.pairwise(new, approved).tolist()
            connection.executemany(
                "UPDATE temp.run_pairs SET score = ? WHERE id = ?",
                zip(scores, rows.tolist(), strict=True),
            )
            advance(len(rows))


@dataclass(frozen=True, slots=True)
class _Scorer:
    connection: sqlite3.Connection
    cache: EmbeddingCache
    backend: Backend
    scale: Scale

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of these articles' texts, None where one has no text."""
        vectors: dict[int, bytes] = {}
        for block in _blocks(ids):
            vectors |= self.cache.vectors(_texts(self.connection, block))
        return [vectors.get(article) for article in ids.tolist()]

    def scores(self, left: Vectors, right: Vectors) -> Scores:
        """Return a row for each vector on the left, a column for each on the right."""
        return self.scale(self.backend.cosines(left, right))

    def pairwise(self, new: Ids, approved: Ids) -> Scores:
        """Return the score of each pair; fastest where the pairs share their articles."""
        lefts, row = np.unique(new, return_inverse=True)
        rights, column = np.unique(approved, return_inverse=True)
        scores: Scores = self.scores(self.vectors(lefts), self.vectors(rights))[row, column]
        return scores


@contextmanager
def _scorer(connection: sqlite3.Connection, options: Options) -> Iterator[_Scorer]:
    backend = choose(options.model)
    scale = calibration.clamp if options.raw else backend.scale()
    with open_cache(options.cache, backend) as cache:
        scorer = _Scorer(connection, cache, backend, scale)
        backend.fit(scorer.vectors(block) for block in _blocks(_ids(connection, "isApproved")))
        yield scorer


def _grid(scorer: _Scorer, new: Ids, approved: Ids) -> Iterator[tuple[Ids, Scores]]:
    """Yield blocks of approved articles, each with its scores: a row for each new article."""
    lefts = scorer.vectors(new)
    step = max(1, min(BLOCK_ARTICLES, BLOCK_SCORES // max(1, len(new))))
    with progress(LABEL, len(new) * len(approved)) as advance:
        for block in _blocks(approved, step):
            yield block, scorer.scores(lefts, scorer.vectors(block))
            advance(len(new) * len(block))


def _blocks(ids: Ids, size: int = BLOCK_ARTICLES) -> Iterator[Ids]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _keep_all(connection: sqlite3.Connection, new: Ids, grid: Iterator[tuple[Ids, Scores]]) -> None:
    for approved, scores in grid:
        columns = np.tile(new, len(approved)), np.repeat(approved, len(new)), scores.T.ravel()
        _insert(connection, zip(*(column.tolist() for column in columns), strict=True))


def _keep_best(
    connection: sqlite3.Connection, best: Best, grid: Iterator[tuple[Ids, Scores]]
) -> None:
    for approved, scores in grid:
        best.offer(approved, scores)
    _insert(connection, best.pairs())


def _insert(connection: sqlite3.Connection, pairs: Iterator[tuple[int, int, float]]) -> None:
    connection.executemany(
        "INSERT INTO temp.run_pairs (new, approved, score) VALUES (?, ?, ?)", pairs
    )


def _ids(connection: sqlite3.Connection, flag: str) -> Ids:
    # S608: the flag is a column's name, and ours.
    rows = connection.execute(f"SELECT id FROM temp.run_articles WHERE {flag} ORDER BY id")  # noqa: S608 - see above
    return np.fromiter((row[0] for row in rows), np.int64)


def _texts(connection: sqlite3.Connection, ids: Ids) -> dict[int, str]:
    marks = ",".join("?" * len(ids))
    return dict(
        connection.execute(
            f"SELECT id, text FROM temp.run_articles WHERE text IS NOT NULL AND id IN ({marks})",  # noqa: S608 - question marks alone
            ids.tolist(),
        )
    )


def _pair_blocks(connection: sqlite3.Connection) -> Iterator[tuple[Ids, Ids, Ids]]:
    last = 0
    query = "SELECT id, new, approved FROM temp.run_pairs WHERE id > ? ORDER BY id LIMIT ?"
    while block := connection.execute(query, (last, BLOCK_PAIRS)).fetchall():
        rows, new, approved = np.array(block, np.int64).T
        yield rows, new, approved
        last = block[-1][0]
