"""Writes a composed sample: the database in the shared schema, labels and new ids beside it."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from deduper.errors import InputError
from deduper.sample.compose import SampleArticle

LABELS_FILE = "labels.csv"
IDS_FILE = "article_ids.csv"
LABELS = ("articleIdNew", "articleIdApproved", "part", "kind", "transformation", "duplicate")
TIME = "2025-06-01 08:00:00.000 +00:00"
FOLDER = Path(__file__).parent


def write_sample(articles: Sequence[SampleArticle], database: Path) -> None:
    """Write the database and, beside it, the labels and the ids of the articles in reports.

    Raises:
        InputError: the database is there already; it is never overwritten.
    """
    if database.exists():
        raise InputError(f"{database} is there already: delete it, or name another with --name")
    database.parent.mkdir(parents=True, exist_ok=True)
    unfinished = database.with_name(f"{database.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as connection, connection:
        connection.executescript((FOLDER / "schema.sql").read_text("utf-8"))
        _write_states(connection)
        for article in articles:
            _write_article(connection, article)
    _write_csv(database.parent / LABELS_FILE, [LABELS, *labels(articles)])
    ids = [(article.id,) for article in articles if article.reports]
    _write_csv(database.parent / IDS_FILE, [("articleId",), *ids])
    unfinished.rename(database)


def labels(articles: Sequence[SampleArticle]) -> Iterator[tuple[int, int, str, str, str, int]]:
    """Yield a label for each pair of one kind: 1 for the same event, 0 for another one.

    Every other pair is unrelated. The pair of an article with itself has no label.
    """
    originals = [article for article in articles if article.story and not article.transformation]
    for new in articles:
        if new.story is None or new.transformation is None:
            continue
        for original in originals:
            story = original.story
            if story is not None and story.kind == new.story.kind:
                same = int(story == new.story)
                yield new.id, original.id, story.part, story.kind, new.transformation, same


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_states(connection: sqlite3.Connection) -> None:
    with (FOLDER / "states.csv").open(encoding="utf-8", newline="") as file:
        for state in csv.DictReader(file):
            _insert(connection, "States", **state)


def _write_article(connection: sqlite3.Connection, article: SampleArticle) -> None:
    _insert(
        connection,
        "Articles",
        id=article.id,
        publicationName=article.publication,
        title=article.title,
        description=article.description,
        url=article.url,
        publishedDate=TIME[:10],
    )
    if article.content is not None:
        _insert(connection, "ArticleContents", articleId=article.id, content=article.content)
    for report in article.reports:
        _insert(connection, "ArticleReportContracts", reportId=report, articleId=article.id)
    if article.state is not None:
        query = "SELECT id FROM States WHERE name = ?"
        (state,) = connection.execute(query, (article.state,)).fetchone()
        _insert(connection, "ArticleStateContracts", articleId=article.id, stateId=state)
    if article.approved is not None:
        _write_approval(connection, article)


def _write_approval(connection: sqlite3.Connection, article: SampleArticle) -> None:
    _insert(
        connection,
        "ArticleApproveds",
        userId=1,
        articleId=article.id,
        isApproved=int(article.approved or False),
        headlineForPdfReport=article.title,
        publicationNameForPdfReport=article.publication,
        publicationDateForPdfReport=TIME[:10],
        textForPdfReport=article.approved_text,
        urlForPdfReport=article.url,
    )


def _insert(connection: sqlite3.Connection, table: str, **values: object) -> None:
    columns = {**values, "createdAt": TIME, "updatedAt": TIME}
    marks = ", ".join("?" * len(columns))
    # S608: tables and columns are named in this module alone.
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - see above
    connection.execute(statement, tuple(columns.values()))
