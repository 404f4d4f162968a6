"""The sample, the quality report, and the data that was fitted on it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from deduper.embedding.calibration import DATA
from deduper.sample import tools
from deduper.sample.compose import compose
from deduper.sample.stories import FITTING, MEASURING, load_stories
from deduper.sample.writing import labels

REPORT = Path(__file__).parents[2] / "docs" / "deduper-quality.md"


def tool(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deduper", *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_seed_decides() -> None:
    assert compose(3) == compose(3)
    assert compose(3) != compose(4)


def test_the_kinds_that_fit_are_not_those_that_measure() -> None:
    kinds = {
        part: {s.kind for s in load_stories() if s.part == part} for part in (FITTING, MEASURING)
    }

    assert len(kinds[FITTING]) == len(kinds[MEASURING]) == 10
    assert not kinds[FITTING] & kinds[MEASURING]


def test_every_transformed_article_has_its_original_and_one_other_event() -> None:
    articles = compose(1)
    transformed = [article for article in articles if article.transformation]

    found = [(new, same) for new, _, _, _, _, same in labels(articles)]

    assert sorted(found) == sorted((a.id, same) for a in transformed for same in (0, 1))


def test_the_sample_is_as_wide_as_it_says(sample: Path) -> None:
    with closing(sqlite3.connect(sample / "sample.db")) as connection:

        def number(query: str) -> int:
            statement = f"SELECT count(*) FROM {query}"  # noqa: S608 - our own words
            return int(connection.execute(statement).fetchone()[0])

        assert number("Articles") > 200
        assert number("(SELECT DISTINCT reportId FROM ArticleReportContracts)") == 4
        assert number("ArticleDuplicateAnalyses") == 0
        assert number("Articles WHERE url LIKE '%utm_source=%'") > 0
        assert number("Articles WHERE url = 'http://[bad'") == 1
        assert number("Articles WHERE title IS NULL OR url IS NULL") > 1
        assert number("sqlite_master WHERE type = 'index' AND sql IS NOT NULL") == 0
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_database_that_is_there_is_never_overwritten(sample: Path) -> None:
    before = (sample / "sample.db").read_bytes()

    done = tool("sample", "--to", str(sample), "--name", "sample.db")

    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert (sample / "sample.db").read_bytes() == before


def test_the_quality_report_is_the_one_in_the_docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEDUPER_MODEL_PATH", raising=False)

    shown = tools.measure_quality(tmp_path / "report.md")

    assert (tmp_path / "report.md").read_text() == shown == REPORT.read_text()


def test_the_fitted_data_is_what_the_command_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEDUPER_MODEL_PATH", raising=False)

    assert "cut at" in tools.calibrate(tmp_path)

    ours = json.loads((tmp_path / "calibration.json").read_text())["tfidf"]
    assert ours == json.loads((DATA / "calibration.json").read_text())["tfidf"]
    name = "document-frequencies.json"
    assert (tmp_path / name).read_text() == (DATA / name).read_text()


def test_a_model_can_be_calibrated_too(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="pip install 'deduper[model]'")
    model = str(Path(__file__).parent / "model")

    done = tool("calibrate", "--to", str(tmp_path), DEDUPER_MODEL_PATH=model)

    assert done.returncode == 0, done.stderr
    assert list(json.loads((tmp_path / "calibration.json").read_text())) == ["sentence-model"]
