"""The sample database, handmade ones, and the real command in a process of its own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from deduper.embedding.cache import open_cache
from deduper.embedding.tfidf import TfIdf
from deduper.sample.compose import SampleArticle
from deduper.sample.writing import write_sample
from deduper.settings import CACHE_FILE

MAIN = Path(__file__).parents[1] / "src" / "main.py"
NAME = "sample.db"
OURS = ("PATH_TO_", "NAME_", "DEDUPER_", "WORKER_")

Run = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]
Make = Callable[[Sequence[SampleArticle]], None]


@pytest.fixture(scope="session", name="sample")
def _sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample database as the command makes it; copy it before use."""
    folder = tmp_path_factory.mktemp("sample")
    command = [sys.executable, "-m", "deduper", "sample", "--to", str(folder), "--name", NAME]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(name="environment")
def _environment(tmp_path: Path) -> dict[str, str]:
    """What a worker would give to its child; tests may change it before they run."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return inherited | {
        "PATH_TO_DATABASE": str(tmp_path),
        "NAME_DB": NAME,
        "NAME_APP": "TestWorker",
        "PATH_TO_LOGS": str(tmp_path / "logs"),
    }


@pytest.fixture(name="run")
def _run(environment: dict[str, str]) -> Run:
    """Runs the command as a worker does, to its end."""

    def run(*words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(MAIN), *words],
            env=environment,
            input=answer,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture(name="start")
def _start(environment: dict[str, str]) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command and does not wait."""

    def start(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(MAIN), *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(name="database")
def _database(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample, with the embeddings of its texts."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    return tmp_path / NAME


@pytest.fixture(name="make")
def _make(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Make:
    """Makes a database of one's own articles instead of the sample.

    Their texts are embedded here, where scikit-learn is imported once, and not in every child.
    """
    cache = tmp_path_factory.getbasetemp() / CACHE_FILE
    environment["DEDUPER_CACHE"] = str(cache)

    def make(articles: Sequence[SampleArticle]) -> None:
        write_sample(articles, tmp_path / NAME)
        with open_cache(cache, TfIdf()) as embeddings:
            embeddings.vectors({article.id: article.text for article in articles if article.text})

    return make


@pytest.fixture(name="rows")
def _rows(tmp_path: Path) -> Rows:
    """Asks the database, or writes to it."""

    def rows(query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(tmp_path / NAME)) as connection, connection:
            return connection.execute(query, values).fetchall()

    return rows
