"""Which of the two backends is taken."""

from __future__ import annotations

from pathlib import Path

from deduper.embedding.backend import Backend


def choose(model: Path | None) -> Backend:
    """Return the sentence model of a folder, or TF-IDF where none is asked for.

    Raises:
        ModelError: the folder, its files or the optional packages are missing.
    """
    # Imported here: each brings a heavy library that the other does not need.
    if model is None:
        from deduper.embedding.tfidf import TfIdf  # noqa: PLC0415 - see above

        return TfIdf()
    from deduper.embedding.sentence_model import SentenceModel  # noqa: PLC0415 - see above

    return SentenceModel(model)
