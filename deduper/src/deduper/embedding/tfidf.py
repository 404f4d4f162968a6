"""TF-IDF over words and pairs of words: the backend that needs no download and no weights.

How rare a word is comes from a fixed set of documents, kept as data, and not from the articles
of the run: so a text has one vector for ever, two texts one score in every report, and a small
report scores like a large one. See docs/adr/0021.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
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
FEATURES = 2**18
TERMS: Mapping[str, Any] = {"ngram_range": (1, 2), "strip_accents": "unicode"}
HASHING: Mapping[str, Any] = {"n_features": FEATURES, "alternate_sign": False, "norm": None}
RARITY_FILE = calibration.DATA / "document-frequencies.json"

# One feature of a vector: which, and how much; a vector travels as its features in order.
FEATURE = np.dtype([("index", "<i4"), ("value", "<f4")])


class TfIdf:
    """Vectors of hashed words and pairs of words, weighted by how rare they are."""

    def __init__(self, rarity: Path = RARITY_FILE) -> None:
        data = rarity.read_bytes()
        self._frequencies = json.loads(data)
        self.name = f"{FAMILY}-{hashlib.blake2b(data, digest_size=6).hexdigest()}"

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector of length 1 for each text, of length 0 where it has no word."""
        counts = _count(texts)
        vectors = []
        for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True):
            features = np.empty(end - start, FEATURE)
            features["index"] = counts.indices[start:end]
            features["value"] = self._weigh(counts.indices[start:end], counts.data[start:end])
            vectors.append(features.tobytes())
        return vectors

    def cosines(self, left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Cosines:
        """Return a row for each vector on the left, a column for each on the right."""
        product: Cosines = (_matrix(left) @ _matrix(right).T).toarray()
        return product

    def scale(self) -> calibration.Calibration:
        """Return the fitted map of this backend."""
        return calibration.load(FAMILY)

    def _weigh(
        self, indices: NDArray[np.int32], counts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        weights = (1.0 + np.log(counts)) * self._rarity[indices]
        return weights / (np.linalg.norm(weights) or 1.0)

    @cached_property
    def _rarity(self) -> NDArray[np.float64]:
        """Weigh every feature as scikit-learn does (smooth idf); an unknown one as seen once."""
        documents = self._frequencies["documents"]
        known: Mapping[str, int] = self._frequencies["terms"]
        rarity = np.full(FEATURES, _idf(documents, 1))
        if known:
            rarity[_places(list(known))] = [_idf(documents, count) for count in known.values()]
        return rarity


def document_frequencies(texts: Sequence[str]) -> dict[str, int]:
    """Return in how many texts each term occurs, of those in two and more."""
    vectorizer = _scikit_learn().CountVectorizer(**TERMS, binary=True, min_df=2)
    totals = vectorizer.fit_transform(texts).sum(axis=0).tolist()[0]
    return dict(zip(vectorizer.get_feature_names_out().tolist(), totals, strict=True))


def _idf(documents: int, count: int) -> float:
    return math.log((1 + documents) / (1 + count)) + 1.0


def _count(texts: Sequence[str]) -> csr_matrix:
    counts = _scikit_learn().HashingVectorizer(**TERMS, **HASHING).transform(texts)
    counts.sort_indices()
    return counts


def _places(terms: Sequence[str]) -> NDArray[np.int32]:
    """Return the feature that each term is hashed to."""
    hashing = _scikit_learn().HashingVectorizer(analyzer=lambda term: [term], **HASHING)
    places: NDArray[np.int32] = hashing.transform(terms).indices
    return places


def _scikit_learn() -> ModuleType:
    # Imported here: it takes longer than all else, and a run whose texts are cached needs it not.
    from sklearn.feature_extraction import text  # type: ignore[import-untyped] # noqa: PLC0415 - untyped; see above

    module: ModuleType = text
    return module


def _matrix(vectors: Sequence[bytes | None]) -> csr_matrix:
    present = [vector or b"" for vector in vectors]
    features = np.frombuffer(b"".join(present), FEATURE)
    lengths = [len(vector) // FEATURE.itemsize for vector in present]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    shape = (len(present), FEATURES)
    return csr_matrix((features["value"], features["index"], starts), shape=shape)
