"""Embeddings kept between runs: a text is embedded once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from deduper.database import writing
from deduper.embedding.backend import Backend
from deduper.errors import ConfigurationError

WAIT_SECONDS = 30.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings (
    article INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    backend TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (article, text_hash, backend)
)
"""


class EmbeddingCache:
    """Vectors by article, hash of the text, and backend, in a file of their own.

    Runs side by side share it: each holds its lock only while it reads or writes one batch.
    """

    def __init__(self, connection: sqlite3.Connection, backend: Backend) -> None:
        self._connection = connection
        self._backend = backend

    def vectors(self, texts: Mapping[int, str]) -> dict[int, bytes]:
        """Return the vectors of these articles' texts; what is not kept yet is embedded now."""
        hashes = {article: _hash(text) for article, text in texts.items()}
        vectors = self._kept(hashes)
        missing = [article for article in texts if article not in vectors]
        if missing:
            embedded = self._backend.embed([texts[article] for article in missing])
            fresh = dict(zip(missing, embedded, strict=True))
            self._keep(fresh, hashes)
            vectors |= fresh
        return vectors

    def _kept(self, hashes: Mapping[int, bytes]) -> dict[int, bytes]:
        # The articles are many: a table of their own joins in one statement.
        self._connection.execute("DELETE FROM temp.wanted")
        self._connection.executemany("INSERT INTO temp.wanted VALUES (?, ?)", hashes.items())
        rows = self._connection.execute(
            "SELECT w.article, e.vector FROM temp.wanted w JOIN embeddings e "
            "ON e.article = w.article AND e.text_hash = w.text_hash AND e.backend = ?",
            (self._backend.name,),
        )
        return dict(rows)

    def _keep(self, vectors: Mapping[int, bytes], hashes: Mapping[int, bytes]) -> None:
        rows = [
            (article, hashes[article], self._backend.name, vector)
            for article, vector in vectors.items()
        ]
        with writing(self._connection):
            self._connection.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", rows
            )


@contextmanager
def open_cache(path: Path, backend: Backend) -> Iterator[EmbeddingCache]:
    """Open the cache, which is made where it is missing.

    Raises:
        ConfigurationError: the file cannot be used.
    """
    try:
        with closing(_open(path)) as connection:
            connection.execute("CREATE TEMP TABLE wanted (article INTEGER, text_hash BLOB)")
            connection.execute(SCHEMA)
            yield EmbeddingCache(connection, backend)
    except sqlite3.Error as error:
        raise ConfigurationError(
            f"the cache of embeddings {path} cannot be used: {error}; "
            "it may be deleted at any time, or DEDUPER_CACHE may name another file"
        ) from error


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
