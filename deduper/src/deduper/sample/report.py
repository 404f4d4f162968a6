"""The quality report: what the readers' threshold finds and misses, per transformation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deduper.embedding import calibration
from deduper.embedding.backend import Scale, Scores
from deduper.sample.measuring import (
    OTHER_EVENT,
    SEEDS,
    UNRELATED,
    Backends,
    LabelledPair,
    labelled_pairs,
    measure,
)
from deduper.sample.stories import FITTING, MEASURING
from deduper.sample.transformations import TRANSFORMATIONS

PAGE = """# How well the deduper finds duplicates

Made by `python -m deduper quality`; do not edit. Backend: `{backend}`. Seeds: {seeds}.

The scores are those of the sample's labelled pairs, at the readers' threshold of {threshold}. The
stories were written for this repository: forty invented events of twenty kinds, two of each kind,
so that every story has a near relative that is no duplicate. Ten kinds fitted the scale of the
scores; the other ten, which took no part in it, are measured here. Every transformation is judged
against the same {others} pairs that are no duplicates.

{measured}

| no duplicates | pairs | taken for duplicates | share |
|---|--:|--:|--:|
{alarms}

For comparison, all transformations together on the kinds that fitted the scale:

{fitted}

Precision: of the pairs at or over the threshold, the share that are duplicates. Recall: of the
duplicates, the share that are at or over it. Average precision: how well the scores order the
pairs, whatever the threshold.
"""
HEADING = "| transformation | duplicates | precision | recall | average precision |"


def quality_report(backend: Backends) -> str:
    """Return the report, in Markdown."""
    measured = labelled_pairs(MEASURING, backend)
    fitted = labelled_pairs(FITTING, backend)
    scale = backend().scale()
    return PAGE.format(
        backend=backend().name,
        seeds=f"{SEEDS[0]} to {SEEDS[-1]}",
        threshold=calibration.THRESHOLD,
        others=sum(not pair.duplicate for pair in measured),
        measured=_table(measured, scale, [*TRANSFORMATIONS, "all"]),
        alarms="\n".join(_alarms(measured, scale, kind) for kind in (OTHER_EVENT, UNRELATED)),
        fitted=_table(fitted, scale, ["all"]),
    )


def _table(pairs: Sequence[LabelledPair], scale: Scale, names: Sequence[str]) -> str:
    lines = [HEADING, "|---|--:|--:|--:|--:|"]
    others = _scores([pair for pair in pairs if not pair.duplicate], scale)
    for name in names:
        wanted = [pair for pair in pairs if pair.duplicate and name in (pair.relation, "all")]
        found = measure(_scores(wanted, scale), others, calibration.THRESHOLD)
        numbers = (found.precision, found.recall, found.average_precision)
        cells = " | ".join(f"{number:.3f}" for number in numbers)
        lines.append(f"| {name} | {len(wanted)} | {cells} |")
    return "\n".join(lines)


def _alarms(pairs: Sequence[LabelledPair], scale: Scale, relation: str) -> str:
    scores = _scores([pair for pair in pairs if pair.relation == relation], scale)
    alarms = int((scores >= calibration.THRESHOLD).sum())
    return f"| {relation} | {len(scores)} | {alarms} | {alarms / len(scores):.4f} |"


def _scores(pairs: Sequence[LabelledPair], scale: Scale) -> Scores:
    return scale(np.array([pair.cosine for pair in pairs], np.float32))
