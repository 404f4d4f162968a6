"""Scores: what they rest on, what is kept of them, and how much is held at once."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from deduper import workspace
from deduper.embedding import Options, calibration, scoring, tfidf
from deduper.embedding.backend import Cosines
from deduper.embedding.best import Best
from deduper.embedding.cache import open_cache
from deduper.errors import ModelError
from deduper.settings import CACHE_FILE

pytestmark = pytest.mark.slow
Run = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]

TEXTS = (
    "The mayor opened the bridge. The bridge is long.",
    "A fire burned the bridge; the mayor was sad.",
    "Dogs bark at the fire in the night.",
    "Café owners were sad: the night was long.",
)
SCORES = "SELECT articleIdNew, articleIdApproved, embeddingSearch FROM ArticleDuplicateAnalyses"


def test_vectors_are_scikit_learns_tf_idf(tmp_path: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    nothing = tmp_path / "no-documents.json"
    nothing.write_text('{"documents": 0, "terms": {}}')
    backend = tfidf.TfIdf(nothing)
    vectors = backend.embed(TEXTS)
    backend.fit([vectors[:3], vectors[3:]])
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode")
    matrix = theirs.fit_transform(TEXTS)

    np.testing.assert_allclose(
        backend.cosines(vectors, vectors), (matrix @ matrix.T).toarray(), atol=1e-3
    )


def test_documents_kept_as_data_count_like_approved_texts(tmp_path: Path) -> None:
    kept = tmp_path / "documents.json"
    kept.write_text(
        json.dumps({"documents": 4, "terms": tfidf.document_frequencies(TEXTS)}), encoding="utf-8"
    )
    with_data = tfidf.TfIdf(kept)
    vectors = with_data.embed(TEXTS)
    nothing = tmp_path / "no-documents.json"
    nothing.write_text('{"documents": 0, "terms": {}}')
    learned = tfidf.TfIdf(nothing)
    learned.fit([vectors])

    np.testing.assert_allclose(
        with_data.cosines(vectors, vectors), learned.cosines(vectors, vectors), atol=1e-6
    )


def test_a_text_without_words_and_a_missing_one_are_like_nothing() -> None:
    backend = tfidf.TfIdf()
    [words, blank] = backend.embed(["bridge", "? !"])

    assert backend.cosines([words, blank, None], [words, blank, None]).tolist() == [
        [pytest.approx(1.0), 0.0, 0.0],
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ]


@pytest.mark.parametrize("family", ["tfidf", "sentence-model"])
def test_the_fitted_cut_is_the_readers_threshold(family: str) -> None:
    scale = calibration.load(family)
    cut = {score: raw for raw, score in scale.knots}[calibration.THRESHOLD]
    cosines = np.array([-0.1, 0.0, cut - 0.001, cut, cut + 0.001, 1.0, 1.1], np.float32)

    scores = scale(cosines)

    assert (scores >= calibration.THRESHOLD - 1e-6).tolist() == [False] * 3 + [True] * 4
    assert scores.min() == 0.0
    assert scores.max() == 1.0
    assert (np.diff(scores) >= 0).all()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"tfidf": {"knots": [[0, 0]]}}',
        '{"tfidf": {"knots": [[0, 0], [0.5, 0.7], [0.4, 1]]}}',
        '{"tfidf": {"knots": "none"}}',
    ],
)
def test_a_calibration_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / calibration.FILE).write_text(content)

    with pytest.raises(ModelError, match="is no calibration of tfidf"):
        calibration.load("tfidf", tmp_path)


@pytest.mark.usefixtures("database")
def test_raw_keeps_the_bare_cosine(run: Run, rows: Rows) -> None:
    run("analyze_fast", "--report-id", "1")
    scores = {row[:2]: row[2] for row in rows(SCORES)}

    assert run("analyze_fast", "--report-id", "1", "--raw").returncode == 0

    raw = {row[:2]: row[2] for row in rows(SCORES)}
    scaled = calibration.load("tfidf")(np.array(list(raw.values()), np.float64))
    assert [scores[pair] for pair in raw] == pytest.approx(scaled.tolist(), abs=1e-5)
    assert sorted(raw.values()) != sorted(scores.values())  # type: ignore[type-var] # numbers


@pytest.mark.usefixtures("database")
def test_top_keeps_the_best_of_each_new_article_and_its_pair_with_itself(
    run: Run, rows: Rows
) -> None:
    run("analyze_fast", "--report-id", "1")
    every = rows(SCORES)

    assert run("analyze_fast", "--report-id", "1", "--top", "2", "--floor", "0.3").returncode == 0

    expected = []
    for new in {row[0] for row in every}:
        others = [row for row in every if row[0] == new != row[1] and row[2] > 0.3]  # type: ignore[operator] # numbers
        expected += sorted(others, key=lambda row: -row[2])[:2]  # type: ignore[operator] # numbers
        expected += [row for row in every if row[0] == row[1] == new]
    assert sorted(rows(SCORES)) == sorted(expected)


def test_of_equally_good_ones_the_first_stays() -> None:
    best = Best(np.array([1]), top=2, floor=0.0)

    best.offer(np.array([5, 6]), np.array([[0.5, 0.9]]))
    best.offer(np.array([7, 8]), np.array([[0.5, 0.0]]))

    assert list(best.pairs()) == [(1, 6, 0.9), (1, 5, 0.5)]


def test_a_text_is_embedded_once_and_again_only_when_it_changes(
    run: Run, rows: Rows, database: Path
) -> None:
    cache = database.parent / CACHE_FILE
    count = "SELECT count(*) FROM embeddings"

    def kept() -> int:
        with closing(sqlite3.connect(cache)) as connection:
            return int(connection.execute(count).fetchone()[0])

    before = kept()
    run("analyze_fast", "--report-id", "1")
    assert kept() == before

    rows("UPDATE ArticleContents SET content = 'Something else.' WHERE articleId = 50")
    run("analyze_fast", "--report-id", "3")
    run("analyze_fast", "--report-id", "3")
    assert kept() == before + 1


def test_what_is_kept_is_not_embedded_again(tmp_path: Path) -> None:
    backend = Counting()
    texts = {7: "one", 8: "two"}
    for _ in range(2):
        with open_cache(tmp_path / CACHE_FILE, backend) as cache:
            assert cache.vectors(texts) == {7: b"one", 8: b"two"}
    assert backend.embedded == ["one", "two"]

    with open_cache(tmp_path / CACHE_FILE, backend) as cache:
        assert cache.vectors({7: "changed", 8: "two", 9: "one"}) == {
            7: b"changed",
            8: b"two",
            9: b"one",
        }
        backend.name = "another"
        cache.vectors({8: "two"})
    assert backend.embedded == ["one", "two", "changed", "one", "two"]


def test_a_lost_cache_is_made_again_and_a_broken_one_is_told(
    run: Run, rows: Rows, database: Path
) -> None:
    cache = database.parent / CACHE_FILE
    run("analyze_fast", "--report-id", "1")
    before = sorted(rows(SCORES))

    cache.unlink()
    assert run("analyze_fast", "--report-id", "1").returncode == 0
    assert sorted(rows(SCORES)) == before

    cache.write_bytes(b"no database" * 100)
    done = run("analyze_fast", "--report-id", "1")
    assert done.returncode == 1
    assert f"the cache of embeddings {cache} cannot be used" in done.stderr
    assert sorted(rows(SCORES)) == before


class Counting:
    """A backend that remembers what it was asked for: texts, and how many cosines at once."""

    name = "counting"

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.largest = 0
        self.total = 0

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        self.embedded += texts
        return [text.encode() for text in texts]

    def fit(self, approved: object) -> None:
        """Learn nothing."""

    def cosines(self, left: Sequence[object], right: Sequence[object]) -> Cosines:
        self.largest = max(self.largest, len(left) * len(right))
        self.total += len(left) * len(right)
        return np.zeros((len(left), len(right)), np.float32)

    def scale(self) -> calibration.Calibration:
        return calibration.through(0.5)


@pytest.fixture(name="workplace")
def _workplace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[sqlite3.Connection, Counting, Options]:
    backend = Counting()
    monkeypatch.setattr(scoring, "choose", lambda _model: backend)
    monkeypatch.setattr(scoring, "BLOCK_SCORES", 5_000)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    workspace.prepare(connection)
    return connection, backend, Options(cache=tmp_path / CACHE_FILE)


def fill(connection: sqlite3.Connection, new: int, approved: int) -> None:
    connection.executemany(
        "INSERT INTO run_articles (id, isNew, isApproved, text) VALUES (?, ?, ?, 'x')",
        [(place, place < new, place >= new) for place in range(new + approved)],
    )


@pytest.mark.parametrize("top", [None, 2])
def test_the_whole_matrix_is_never_held(
    workplace: tuple[sqlite3.Connection, Counting, Options], top: int | None
) -> None:
    connection, backend, options = workplace
    with closing(connection):
        fill(connection, new=40, approved=3_000)

        scoring.pair_and_score(connection, Options(cache=options.cache, top=top))

        [(pairs,)] = connection.execute("SELECT count(*) FROM run_pairs")
    assert backend.total == 40 * 3_000
    assert backend.largest <= 5_000
    assert pairs == (0 if top else 40 * 3_000)


def test_scattered_pairs_are_scored_in_blocks(
    workplace: tuple[sqlite3.Connection, Counting, Options],
) -> None:
    connection, backend, options = workplace
    with closing(connection):
        fill(connection, new=5_000, approved=5_000)
        connection.execute(
            "INSERT INTO run_pairs (new, approved) "
            "SELECT id, id + 5000 FROM run_articles WHERE isNew"
        )

        scoring.score_pairs(connection, options)

        [(scored,)] = connection.execute("SELECT count(score) FROM run_pairs")
    assert scored == 5_000
    assert backend.largest <= scoring.BLOCK_PAIRS**2
