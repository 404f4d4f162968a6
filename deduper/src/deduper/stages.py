"""The stages: what each reads, works out and writes into the columns of a pair's row."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deduper import articles, embedding, fingerprint, urls, workspace

logger = logging.getLogger(__name__)

Read = Callable[[sqlite3.Connection], None]
Work = Callable[[sqlite3.Connection, embedding.Options], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an analysis.

    `columns` maps columns of the shared table to SQL over `n` and `a` (the new and the approved
    article) and `p` (the pair). `read` looks at the shared database, quickly; `work` then has
    all the time it wants, for the database is free.
    """

    name: str
    columns: Mapping[str, str]
    read: Read
    work: Work


def read_all(connection: sqlite3.Connection, stages: Sequence[Stage]) -> None:
    """Read what these stages need, each thing once. Call it within one read transaction."""
    for read in dict.fromkeys(stage.read for stage in stages):
        read(connection)


def work_through(
    connection: sqlite3.Connection, stages: Sequence[Stage], options: embedding.Options
) -> None:
    """Work the stages out in order."""
    for stage in stages:
        with logged(stage.name, connection):
            stage.work(connection, options)


@contextmanager
def logged(name: str, connection: sqlite3.Connection) -> Iterator[None]:
    """Write a line into the log when this step has ended well."""
    begun = time.monotonic()
    yield
    took = time.monotonic() - begun
    logger.info("%s: %d articles, %.3f s", name, workspace.count(connection), took)


def _nothing(_connection: sqlite3.Connection, _options: embedding.Options) -> None:
    """Work nothing out: the columns say it all."""


def _canonical_urls(connection: sqlite3.Connection, _options: embedding.Options) -> None:
    for batch in workspace.batches(connection, "url"):
        connection.executemany(
            "UPDATE temp.run_articles SET url = ? WHERE id = ?",
            [(urls.canonical(url), article_id) for article_id, url in batch],
        )


def _fingerprints(connection: sqlite3.Connection, _options: embedding.Options) -> None:
    connection.create_function("similarity", 2, fingerprint.similarity, deterministic=True)
    for batch in workspace.batches(connection, "headline, text"):
        connection.executemany(
            "UPDATE temp.run_articles SET words = ?, simhash = ? WHERE id = ?",
            [
                (*fingerprint.of_article(headline, text), article_id)
                for article_id, headline, text in batch
            ],
        )


# A missing value is never equal to another: `=` gives NULL for it, and coalesce makes that 0.
STATES = Stage(
    name="states",
    columns={
        "articleNewState": "n.state",
        "articleApprovedState": "a.state",
        "sameStateFlag": "coalesce(n.state = a.state, 0)",
    },
    read=articles.read_states,
    work=_nothing,
)
URL_CHECK = Stage(
    name="url_check",
    columns={"urlCheck": "coalesce(n.url = a.url, 0)"},
    read=articles.read_urls,
    work=_canonical_urls,
)
CONTENT_HASH = Stage(
    name="content_hash",
    columns={
        "contentHash": "CASE WHEN n.words = a.words THEN 1.0 "
        "ELSE similarity(n.simhash, a.simhash) END"
    },
    read=articles.read_texts,
    work=_fingerprints,
)
EMBEDDING = Stage(
    name="embedding",
    columns={"embeddingSearch": "p.score"},
    read=articles.read_texts,
    work=embedding.score_pairs,
)
SINGLE = {stage.name: stage for stage in (STATES, URL_CHECK, CONTENT_HASH, EMBEDDING)}

_PAIRING = Stage("embedding", EMBEDDING.columns, EMBEDDING.read, embedding.pair_and_score)
ANALYZE_FAST = (STATES, URL_CHECK, _PAIRING)
ANALYZE = (STATES, URL_CHECK, CONTENT_HASH, _PAIRING)
