"""A fingerprint of headline and text that is the same number in every process.

SimHash: M. Charikar, "Similarity estimation techniques from rounding algorithms", 2002. The
features are runs of three words, so that word order counts, hashed with BLAKE2b.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

BITS = 64
SHINGLE_WORDS = 3
_MASK = (1 << BITS) - 1
_WORD = re.compile(r"\w+")


def of_article(headline: str | None, text: str | None) -> tuple[bytes | None, int | None]:
    """Return an article's digest and SimHash, both None where it has no words."""
    words = normalise(headline, text)
    return (digest(words), simhash(words)) if words else (None, None)


def normalise(headline: str | None, text: str | None) -> str:
    """Return the words of both, compatibility-folded, lower-case, one space between them."""
    both = unicodedata.normalize("NFKC", f"{headline or ''}\n{text or ''}")
    return " ".join(_WORD.findall(both.casefold()))


def digest(normalised: str) -> bytes:
    """Return 16 bytes that are equal for equal words."""
    return hashlib.blake2b(normalised.encode(), digest_size=16).digest()


def simhash(normalised: str) -> int:
    """Return 64 bits as a signed integer (as SQLite keeps it); near texts differ in few bits."""
    import numpy as np  # noqa: PLC0415 - only this stage pays for it

    hashes = b"".join(_hash(shingle) for shingle in _shingles(normalised.split()))
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8)).reshape(-1, BITS)
    votes = bits.sum(axis=0, dtype=np.int64) * 2 > len(bits)
    return int.from_bytes(np.packbits(votes).tobytes(), "big", signed=True)


def similarity(left: int | None, right: int | None) -> float:
    """Return the share of equal bits, 0 to 1; a missing fingerprint is like no other."""
    if left is None or right is None:
        return 0.0
    return 1.0 - ((left ^ right) & _MASK).bit_count() / BITS


def _shingles(words: list[str]) -> list[str]:
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return [" ".join(words[start : start + SHINGLE_WORDS]) for start in range(last)]


def _hash(shingle: str) -> bytes:
    return hashlib.blake2b(shingle.encode(), digest_size=BITS // 8).digest()
