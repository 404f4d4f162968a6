"""The sentence model: from a local folder, with a tiny model that knows four meanings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deduper.embedding.sentence_model import SentenceModel
from deduper.errors import ModelError
from deduper.sample.compose import SampleArticle

Run = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]
Make = Callable[[Sequence[SampleArticle]], None]
MODEL = Path(__file__).parent / "model"

needs_onnxruntime = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import onnxruntime, tokenizers"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="the optional packages are missing: pip install 'deduper[model]'",
)


@needs_onnxruntime
def test_meaning_counts_and_not_the_word() -> None:
    model = SentenceModel(MODEL)
    fire, blaze, dog, both = model.embed(["fire", "Blaze flames", "dog", "the dog fire"])

    cosines = model.cosines([fire, None], [fire, blaze, dog, both, None])

    assert cosines[0].tolist() == pytest.approx([1.0, 1.0, 0.0, 0.707, 0.0], abs=0.01)
    assert cosines[1].tolist() == [0.0] * 5


@needs_onnxruntime
def test_a_texts_vector_does_not_depend_on_its_neighbours() -> None:
    model = SentenceModel(MODEL)

    alone = model.embed(["mayor bridge"])
    padded = model.embed(["mayor bridge", "dog " * 400])

    assert padded[0] == alone[0]


@needs_onnxruntime
def test_the_model_of_the_environment_scores_the_pairs(
    run: Run, rows: Rows, make: Make, environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder)
    environment["DEDUPER_MODEL_PATH"] = str(folder)
    make(
        [
            SampleArticle(1, content="fire", reports=(1,)),
            SampleArticle(2, content="blaze", approved=True),
            SampleArticle(3, content="mayor fire", approved=True),
        ]
    )
    query = "SELECT embeddingSearch FROM ArticleDuplicateAnalyses ORDER BY articleIdApproved"

    assert run("analyze_fast", "--report-id", "1").returncode == 0
    [(same,), (related,)] = rows(query)
    assert same == 1.0
    assert 0.7 <= related < 1.0  # type: ignore[operator] # a number

    # A folder may bring the scale of its own model.
    knots = "[[0, 0], [0.9, 0.7], [1, 1]]"
    (folder / "calibration.json").write_text(f'{{"sentence-model": {{"knots": {knots}}}}}')
    assert run("embedding").returncode == 0
    [(same,), (related,)] = rows(query)
    assert same == 1.0
    assert related < 0.7  # type: ignore[operator] # a number


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("missing", ["", "model.onnx", "tokenizer.json"])
def test_a_model_that_is_set_and_missing_fails(
    run: Run, rows: Rows, environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    environment["DEDUPER_MODEL_PATH"] = str(tmp_path / "model")
    if missing:
        shutil.copytree(MODEL, tmp_path / "model")
        (tmp_path / "model" / missing).unlink()

    done = run("analyze_fast", "--report-id", "1")

    assert done.returncode == 1
    assert f"there is no {missing or 'model.onnx'}" in done.stderr
    assert rows("SELECT count(*) FROM ArticleDuplicateAnalyses") == [(0,)]


@needs_onnxruntime
def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.onnx").write_bytes(b"no model")

    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceModel(tmp_path)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match=r"pip install 'deduper\[model\]'"):
        SentenceModel(MODEL)
