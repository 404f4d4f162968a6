"""The embedding stage: cosines of article texts, on the scale where 0.7 means duplicate.

What is imported here is light; numpy and the backends come when a stage starts to work.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """How to score.

    `model` is a folder with a sentence model, or None for TF-IDF. `raw` keeps the bare cosine.
    `top` keeps only so many approved articles per new one, of those over `floor`; None keeps
    every pair.
    """

    cache: Path
    model: Path | None = None
    raw: bool = False
    top: int | None = None
    floor: float = 0.0


def pair_and_score(connection: sqlite3.Connection, options: Options) -> None:
    """Pair the new articles with the approved ones and score the pairs.

    Raises:
        ModelError: the sentence model is missing or cannot be used.
    """
    from deduper.embedding import scoring  # noqa: PLC0415 - only this stage pays for numpy

    scoring.pair_and_score(connection, options)


def score_pairs(connection: sqlite3.Connection, options: Options) -> None:
    """Score the pairs there are.

    Raises:
        ModelError: the sentence model is missing or cannot be used.
    """
    from deduper.embedding import scoring  # noqa: PLC0415 - only this stage pays for numpy

    scoring.score_pairs(connection, options)
