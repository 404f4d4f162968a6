"""TF-IDF over words and pairs of words: the backend that needs no download and no weights.

A text's vector holds its words alone, so that it can be kept for ever. How rare a word is, is
counted in the approved texts of the run and in a set of documents kept as data, without which a
handful of approved articles could not tell a rare word from a common one. See docs/adr/0021.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped] # scipy ships no types

from deduper.embedding import calibration
from deduper.embedding.backend import Cosines

FAMILY = "tfidf"
FORMAT = 1  # of the vectors: a new number makes the cache embed anew
FEATURES = 2**18
TERMS: Mapping[str, Any] = {"ngram_range": (1, 2), "strip_accents": "unicode"}
HASHING: Mapping[str, Any] = {"n_features": FEATURES, "alternate_sign": False, "norm": None}
FREQUENCIES = calibration.DATA / "document-frequencies.json"

# One feature of a vector: which, and how much; a vector travels as its features in order.
FEATURE = np.dtype([("index", "<i4"), ("value", "<f4")])


class TfIdf:
    """Vectors of hashed words and pairs of words, weighted by how rare they are."""

    def __init__(self, frequencies: Path = FREQUENCIES) -> None:
        data = json.loads(frequencies.read_text(encoding="utf-8"))
        self.name = f"{FAMILY}-{FORMAT}"
        self._documents: int = data["documents"]
        self._counts = np.zeros(FEATURES)
        for place, count in data["terms"].values():
            self._counts[place] += count

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text, empty where it has no word."""
        counts = _count(texts)
        vectors = []
        for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True):
            features = np.empty(end - start, FEATURE)
            features["index"] = counts.indices[start:end]
            features["value"] = 1.0 + np.log(counts.data[start:end])
            vectors.append(features.tobytes())
        return vectors

    def fit(self, approved: Iterable[Sequence[bytes | None]]) -> None:
        """Count in how many approved texts each word occurs, block by block."""
        for block in approved:
            indices = np.frombuffer(b"".join(filter(None, block)), FEATURE)["index"]
            self._counts += np.bincount(indices, minlength=FEATURES)
            self._documents += sum(vector is not None for vector in block)

    def cosines(self, left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Cosines:
        """Return a row for each vector on the left, a column for each on the right."""
        product: Cosines = (self._weighted(left) @ self._weighted(right).T).toarray()
        return product

    def scale(self) -> calibration.Calibration:
        """Return the fitted map of this backend."""
        return calibration.load(FAMILY)

    def _weighted(self, vectors: Sequence[bytes | None]) -> csr_matrix:
        """Return rows of length 1, or of length 0 where there is no word."""
        present = [vector or b"" for vector in vectors]
        features = np.frombuffer(b"".join(present), FEATURE)
        lengths = np.array([len(vector) for vector in present]) // FEATURE.itemsize
        rows = np.repeat(np.arange(len(present)), lengths)
        weights = features["value"] * self._rarity[features["index"]]
        norms = np.sqrt(np.bincount(rows, weights * weights, minlength=len(present)))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        values = (weights / norms[rows]).astype(np.float32)
        return csr_matrix((values, features["index"], starts), shape=(len(present), FEATURES))

    @cached_property
    def _rarity(self) -> NDArray[np.float64]:
        """Weigh as scikit-learn does (smooth idf); a word of no document was seen once: here."""
        seen = np.maximum(self._counts, 1.0)
        return np.log((1.0 + self._documents) / (1.0 + seen)) + 1.0


def document_frequencies(texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return each term's place and in how many texts it occurs, of those in two and more."""
    vectorizer = _scikit_learn().CountVectorizer(**TERMS, binary=True, min_df=2)
    totals = vectorizer.fit_transform(texts).sum(axis=0).tolist()[0]
    terms = vectorizer.get_feature_names_out().tolist()
    return dict(zip(terms, zip(_places(terms), totals, strict=True), strict=True))


def _count(texts: Sequence[str]) -> csr_matrix:
    counts = _scikit_learn().HashingVectorizer(**TERMS, **HASHING).transform(texts)
    counts.sort_indices()
    return counts


def _places(terms: Sequence[str]) -> list[int]:
    """Return the feature that each term is hashed to."""
    hashing = _scikit_learn().HashingVectorizer(analyzer=lambda term: [term], **HASHING)
    places: list[int] = hashing.transform(terms).indices.tolist()
    return places


def _scikit_learn() -> ModuleType:
    # Imported here: it takes longer than all else, and a run whose texts are cached needs it not.
    from sklearn.feature_extraction import text  # type: ignore[import-untyped] # noqa: PLC0415 - untyped; see above

    module: ModuleType = text
    return module
