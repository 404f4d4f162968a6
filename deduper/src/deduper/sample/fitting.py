"""Fits what the scores rest on, and keeps it as data: how rare words are, and the scale."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deduper.embedding import calibration, tfidf
from deduper.sample.measuring import SEEDS, Backends, best_cut, labelled_pairs
from deduper.sample.stories import FITTING, Story, load_stories


def fit_frequencies(folder: Path) -> Path:
    """Count in how many tellings of the fitting stories each term occurs; return the file."""
    texts = [text for story in load_stories() if story.part == FITTING for text in _tellings(story)]
    path = folder / tfidf.FREQUENCIES.name
    return _write(
        path,
        {
            "source": "both tellings of every story in sample/stories-1.toml; "
            "terms of one or two words that occur in two tellings or more",
            "command": "python -m deduper calibrate",
            "documents": len(texts),
            "terms": tfidf.document_frequencies(texts),
        },
    )


def fit_scale(
    folder: Path, family: str, backend: Backends, model: str | None = None
) -> Mapping[str, Any]:
    """Fit the scale of a backend on the fitting half of the samples; return its entry.

    `model` is what to call a sentence model, for whoever reads the data later.
    """
    pairs = labelled_pairs(FITTING, backend)
    cut, f1 = best_cut(pairs)
    entry = {
        "source": f"the fitting half of the samples with seeds {SEEDS[0]} to {SEEDS[-1]}: "
        f"{len(pairs)} labelled pairs, {sum(pair.duplicate for pair in pairs)} of them duplicates",
        "command": "python -m deduper calibrate",
        "backend": backend().name,
        "model": model,
        "best_f1": round(f1, 4),
        "knots": calibration.through(round(cut, 4)).knots,
    }
    path = folder / calibration.FILE
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    _write(path, {**known, family: entry})
    return entry


def _tellings(story: Story) -> tuple[str, str]:
    return story.told, story.retold


def _write(path: Path, data: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
