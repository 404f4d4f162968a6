"""Pairs per second of the deduper's `analyze_fast`, and its peak memory.

    python benchmarks/deduper_pairs.py            the two sizes, and the historic way beside them
    python benchmarks/deduper_pairs.py --large    1,000 x 100,000 articles with --top 10 besides

Each size runs the real command twice: first every text is embedded, then the cache has them. The
historic way (one statement a pair and text, no index, rows inserted one by one, texts compared at
no cost) runs on the smaller size for some seconds; its rate is what those pairs took.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAIN = ROOT / "deduper" / "src" / "main.py"
SCHEMA = ROOT / "deduper" / "src" / "deduper" / "sample" / "schema.sql"
SIZES = ((20, 3_020), (100, 5_100))
LARGE = (1_000, 100_000)
# Measured elsewhere, before this deduper was written: a set-based prototype, model time left out.
PROTOTYPE_SECONDS = {60_400: 0.29, 510_000: 1.4}
HISTORIC_SECONDS = 15.0
TIME = "2025-06-01 08:00:00.000 +00:00"
VOCABULARY = 20_000
WORDS = 120  # a text


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run: wall and processor seconds, and peak resident memory, of the child process."""

    seconds: float
    processor_seconds: float
    mebibytes: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="1,000 x 100,000 with --top 10 too")
    large = parser.parse_args().large
    print("| pairs | run | seconds | of processor | pairs/s | peak MiB | prototype, s |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for new, approved in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            make_database(Path(folder), new, approved)
            if (new, approved) == SIZES[0]:
                show_historic(Path(folder))
            show(new * approved, "every text embedded", analyze(Path(folder)))
            show(new * approved, "embeddings cached", analyze(Path(folder)))
    if large:
        with tempfile.TemporaryDirectory() as folder:
            make_database(Path(folder), *LARGE)
            show(LARGE[0] * LARGE[1], "--top 10, embedded", analyze(Path(folder), "--top", "10"))
            show(LARGE[0] * LARGE[1], "--top 10, cached", analyze(Path(folder), "--top", "10"))


def make_database(folder: Path, new: int, approved: int) -> None:
    """Make a database of that many articles, their texts as skewed in their words as English."""
    chance = random.Random(1)  # noqa: S311 - texts for a measurement, no secret
    words = [f"w{number:x}" for number in range(VOCABULARY)]
    weights = [1 / (rank + 2) for rank in range(VOCABULARY)]
    ids = range(1, new + approved + 1)
    stamped = "createdAt, updatedAt) VALUES (?, ?, ?, ?"
    with closing(sqlite3.connect(folder / "articles.db")) as connection, connection:
        connection.executescript(SCHEMA.read_text())
        connection.executemany(
            "INSERT INTO Articles (id, title, url, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?)",
            ((i, f"Article {i}", f"https://e.example/{i}", TIME, TIME) for i in ids),
        )
        connection.executemany(
            f"INSERT INTO ArticleContents (articleId, content, {stamped})",
            ((i, " ".join(chance.choices(words, weights, k=WORDS)), TIME, TIME) for i in ids),
        )
        connection.executemany(
            f"INSERT INTO ArticleReportContracts (reportId, articleId, {stamped})",
            ((1, i, TIME, TIME) for i in ids[:new]),
        )
        connection.executemany(
            f"INSERT INTO ArticleApproveds (userId, articleId, {stamped})",
            ((1, i, TIME, TIME) for i in ids[new:]),
        )


def analyze(folder: Path, *options: str) -> Measurement:
    """Run the real command to its end."""
    environment = os.environ | {"PATH_TO_DATABASE": str(folder), "NAME_DB": "articles.db"}
    begun = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, str(MAIN), "analyze_fast", "--report-id", "1", *options],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    seconds = time.perf_counter() - begun
    return Measurement(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def show(pairs: int, run: str, measured: Measurement) -> None:
    """Print a line of the table."""
    cells = (
        f"{measured.seconds:.2f}",
        f"{measured.processor_seconds:.2f}",
        f"{pairs / measured.seconds:,.0f}",
        f"{measured.mebibytes:.0f}",
        str(PROTOTYPE_SECONDS.get(pairs, "")),
    )
    print(f"| {pairs:,} | {run} |", " | ".join(cells), "|", flush=True)


def show_historic(folder: Path) -> None:
    """Do the pairs the historic way for some seconds, and print their rate."""
    with closing(sqlite3.connect(folder / "articles.db")) as connection:
        pairs, begun, spent = 0, time.perf_counter(), time.process_time()
        new = [row[0] for row in connection.execute("SELECT articleId FROM ArticleReportContracts")]
        approved = [row[0] for row in connection.execute("SELECT articleId FROM ArticleApproveds")]
        every = ((n, a) for n in new for a in approved)
        while (took := time.perf_counter() - begun) < HISTORIC_SECONDS:
            compare(connection, *next(every))
            pairs += 1
        connection.rollback()
        spent = time.process_time() - spent
    whole = len(new) * len(approved)
    cells = (f"{whole * took / pairs:.0f}", f"{whole * spent / pairs:.0f}", f"{pairs / took:,.0f}")
    run = f"historic way, from its first {pairs:,}"
    print(f"| {whole:,} | {run} |", " | ".join(cells), "| | |", flush=True)


def compare(connection: sqlite3.Connection, new: int, approved: int) -> None:
    """Compare one pair as the historic deduper did: look everything up for every pair."""
    for article in (new, approved):
        for query in (
            "SELECT stateId FROM ArticleStateContracts WHERE articleId = ?",
            "SELECT url FROM Articles WHERE id = ?",
            "SELECT textForPdfReport FROM ArticleApproveds WHERE articleId = ?",
            "SELECT content FROM ArticleContents WHERE articleId = ?",
        ):
            connection.execute(query, (article,)).fetchone()
    connection.execute(
        "INSERT INTO ArticleDuplicateAnalyses (articleIdNew, articleIdApproved, reportId, "
        "sameArticleIdFlag, embeddingSearch, createdAt, updatedAt) VALUES (?, ?, 1, 0, 0.0, ?, ?)",
        (new, approved, TIME, TIME),
    )


if __name__ == "__main__":
    main()
