"""The commands for whoever looks after the deduper: sample, quality, calibrate."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from deduper import analysis, embedding
from deduper.embedding import calibration
from deduper.embedding.choice import choose
from deduper.embedding.sentence_model import FAMILY as SENTENCE_MODEL
from deduper.embedding.tfidf import FAMILY as TFIDF
from deduper.embedding.tfidf import FREQUENCIES, TfIdf
from deduper.sample import fitting, report
from deduper.sample.compose import REPORTS, compose
from deduper.sample.writing import IDS_FILE, LABELS_FILE, write_sample
from deduper.settings import CACHE_FILE, read_settings
from deduper.stages import ANALYZE_FAST


def run(arguments: argparse.Namespace) -> str:
    """Run one of these commands; return what there is to tell of it."""
    match arguments.command:
        case "sample":
            return make_sample(arguments.to / arguments.name, arguments.seed)
        case "quality":
            return measure_quality(arguments.to)
        case _:
            return calibrate(arguments.to or calibration.DATA)


def make_sample(database: Path, seed: int) -> str:
    """Write the sample database, its labels, and the embeddings of its texts.

    The embeddings are the cache that a first run would fill; they make the first run as fast as
    the later ones.

    Raises:
        InputError: the database is there already.
    """
    articles = compose(seed)
    write_sample(articles, database)
    _embed_all(database)
    return (
        f"{database}: {len(articles)} articles, reports {REPORTS}; labels in {LABELS_FILE}, "
        f"a PATH_TO_CSV in {IDS_FILE}"
    )


def measure_quality(path: Path | None) -> str:
    """Measure the backend that DEDUPER_MODEL_PATH chooses; keep the report where asked to."""
    model = _model()
    text = report.quality_report(lambda: choose(model))
    if path is not None:
        path.write_text(text, encoding="utf-8")
    return text


def calibrate(folder: Path) -> str:
    """Fit the backend that DEDUPER_MODEL_PATH chooses, and keep the fit in a folder."""
    model = _model()
    if model is not None:
        entry = fitting.fit_scale(folder, SENTENCE_MODEL, lambda: choose(model), model.name)
    else:
        fitting.fit_frequencies(folder)
        own = folder / FREQUENCIES.name
        entry = fitting.fit_scale(folder, TFIDF, lambda: TfIdf(own))
    return f"{folder}: cut at {entry['knots'][1][0]}, F1 {entry['best_f1']}, {entry['source']}"


def _embed_all(database: Path) -> None:
    """Analyse a copy that is thrown away: what stays is the cache."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(database, folder)
        settings = read_settings({"PATH_TO_DATABASE": folder, "NAME_DB": database.name})
        options = embedding.Options(cache=database.parent / CACHE_FILE)
        for report_id in REPORTS:
            analysis.analyze(settings, analysis.Request(ANALYZE_FAST, report_id, options))


def _model() -> Path | None:
    value = os.environ.get("DEDUPER_MODEL_PATH")
    return Path(value) if value else None
