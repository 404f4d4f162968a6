"""A sentence model from a local folder, run by onnxruntime: the backend of all-MiniLM-L6-v2.

The folder holds `model.onnx` (or `onnx/model.onnx`), which takes `input_ids` and
`attention_mask` and gives a vector per token, and `tokenizer.json`. A `calibration.json` beside
them takes the place of the map we fitted for all-MiniLM-L6-v2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deduper.embedding import calibration
from deduper.embedding.backend import Cosines
from deduper.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime  # type: ignore[import-untyped, import-not-found, unused-ignore] # optional, untyped
    import tokenizers  # type: ignore[import-not-found, unused-ignore] # optional

FAMILY = "sentence-model"
MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained for: its sentence_bert_config.json
BATCH = 32
Floats = NDArray[np.float32]


class SentenceModel:
    """Vectors of length 1: the mean of a text's token vectors, long texts cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        model = _file(folder, "model.onnx", "onnx/model.onnx")
        tokenizer = _file(folder, "tokenizer.json")
        self.name = f"{FAMILY}-{_fingerprint(model, tokenizer)}"
        self._session, self._tokenizer = _load(model, tokenizer)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text."""
        batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
        return [vector.tobytes() for batch in batches for vector in self._embed(batch)]

    def fit(self, approved: Iterable[Sequence[bytes | None]]) -> None:
        """Learn nothing: the model was trained elsewhere."""

    def cosines(self, left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Cosines:
        """Return a row for each vector on the left, a column for each on the right."""
        product: Cosines = _matrix(left, right) @ _matrix(right, left).T
        return product

    def scale(self) -> calibration.Calibration:
        """Return the folder's own map where it has one, else that of all-MiniLM-L6-v2."""
        own = (self._folder / calibration.FILE).is_file()
        return calibration.load(FAMILY, self._folder if own else calibration.DATA)

    def _embed(self, texts: Sequence[str]) -> Floats:
        encodings = self._tokenizer.encode_batch(list(texts))
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        inputs = {
            "input_ids": np.array([encoding.ids for encoding in encodings], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        asked = {value.name: inputs[value.name] for value in self._session.get_inputs()}
        tokens: Floats = self._session.run(None, asked)[0]
        return _mean(tokens, mask)


def _file(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise ModelError(f"DEDUPER_MODEL_PATH is {folder}, where there is no {names[0]}")


def _fingerprint(*files: Path) -> str:
    digest = hashlib.blake2b(digest_size=6)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _load(
    model: Path, tokenizer: Path
) -> tuple[onnxruntime.InferenceSession, tokenizers.Tokenizer]:
    try:
        # Optional packages, and heavy: whoever sets DEDUPER_MODEL_PATH installs them.
        import onnxruntime  # noqa: PLC0415 - see above
        import tokenizers  # noqa: PLC0415 - see above
    except ImportError as error:
        raise ModelError(
            f"a sentence model needs `pip install 'deduper[model]'`: {error}"
        ) from error
    try:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        words = tokenizers.Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # both raise nothing narrower
        raise ModelError(f"the model in {model.parent} cannot be loaded: {error}") from error
    words.enable_truncation(MOST_TOKENS)
    words.enable_padding()
    return session, words


def _mean(tokens: Floats, mask: NDArray[np.int64]) -> Floats:
    weights = mask[:, :, None].astype(np.float32)
    means = (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, 1e-12), np.float32)


def _matrix(vectors: Sequence[bytes | None], others: Sequence[bytes | None]) -> Floats:
    size = max((len(vector) for vector in (*vectors, *others) if vector), default=4)
    blank = bytes(size)
    rows = b"".join(vector or blank for vector in vectors)
    return np.frombuffer(rows, np.float32).reshape(len(vectors), size // 4)
