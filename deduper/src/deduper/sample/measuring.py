"""Measures scores against the labels of the sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from deduper.embedding.backend import Backend, Scores
from deduper.sample.compose import SampleArticle, compose

OTHER_EVENT = "other event of the same kind"
UNRELATED = "unrelated"
SEEDS = range(1, 11)

Backends = Callable[[], Backend]  # a fresh one for each sample: it learns from the approved texts


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A new article and an approved one: `relation` is a transformation, or why it is none."""

    relation: str
    duplicate: bool
    cosine: float


@dataclass(frozen=True, slots=True)
class Measure:
    """How well a threshold tells duplicates: shares from 0 to 1."""

    precision: float
    recall: float
    average_precision: float


def labelled_pairs(part: str, backend: Backends) -> list[LabelledPair]:
    """Return every pair of a transformed article with an approved one, of one part of the kinds.

    The pairs of many samples, one a seed, so that no single throw of the dice decides.
    """
    return [pair for seed in SEEDS for pair in _pairs(compose(seed), part, backend())]


def best_cut(pairs: Sequence[LabelledPair]) -> tuple[float, float]:
    """Return the cosine that cuts with the best F1, midway between two pairs, and that F1."""
    ranked = sorted(pairs, key=lambda pair: -pair.cosine)
    found = np.cumsum([pair.duplicate for pair in ranked])
    taken = np.arange(1, len(ranked) + 1)
    f1 = 2 * found / (taken + found[-1])
    best = int(np.argmax(f1))
    cut = (ranked[best].cosine + ranked[best + 1].cosine) / 2
    return cut, float(f1[best])


def measure(duplicates: Scores, others: Scores, threshold: float) -> Measure:
    """Return how well the threshold tells these duplicates from these others."""
    from sklearn.metrics import average_precision_score  # type: ignore[import-untyped] # noqa: PLC0415 - untyped, slow to import

    hits, alarms = int((duplicates >= threshold).sum()), int((others >= threshold).sum())
    truth = np.repeat([1, 0], [len(duplicates), len(others)])
    return Measure(
        precision=hits / max(1, hits + alarms),
        recall=hits / len(duplicates),
        average_precision=float(
            average_precision_score(truth, np.concatenate([duplicates, others]))
        ),
    )


def _pairs(articles: Sequence[SampleArticle], part: str, backend: Backend) -> list[LabelledPair]:
    ours = [article for article in articles if article.story and article.story.part == part]
    new = [article for article in ours if article.transformation]
    approved = [article for article in ours if article.approved]
    left, right = (backend.embed([article.text for article in side]) for side in (new, approved))
    backend.fit([right])
    cosines = backend.cosines(left, right)
    return [
        LabelledPair(*_relation(n, a), float(cosines[row, column]))
        for row, n in enumerate(new)
        for column, a in enumerate(approved)
    ]


def _relation(new: SampleArticle, approved: SampleArticle) -> tuple[str, bool]:
    if new.story == approved.story:
        return str(new.transformation), True
    same_kind = new.story and approved.story and new.story.kind == approved.story.kind
    return (OTHER_EVENT if same_kind else UNRELATED), False
