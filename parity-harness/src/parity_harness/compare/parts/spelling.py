"""How a JSON text is written, apart from what it says: what a client that hashes bytes sees."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*')


def spelling(text: str, *, keys: bool = True) -> str:
    """Return a JSON text with every value blanked: keys, order, spaces and escapes remain.

    Without `keys`, these are blanked too and order is not kept.
    """
    if not keys:
        return "".join(sorted(_TOKEN.sub(lambda found: _style(found[0]), text)))
    return _TOKEN.sub(lambda found: found[0] if found[1] else _style(found[0]), text)


def describe(one: str, two: str) -> tuple[str, str]:
    """Say for people how two spellings differ, one phrase for each side."""
    pairs = [(a, b) for a, b in zip(_traits(one), _traits(two), strict=True) if a != b]
    if not pairs:
        return "other number or space spelling", "other number or space spelling"
    return ", ".join(a for a, _ in pairs), ", ".join(b for _, b in pairs)


def _style(token: str) -> str:
    if token[0] != '"':
        return "0e" if "e" in token.lower() else "0"
    return '"' + "".join(re.findall(r"\\.", token)) + ("" if token.isascii() else "raw") + '"'


def _traits(text: str) -> tuple[str, ...]:
    keys = [found[0] for found in _TOKEN.finditer(text) if found[1]]
    return (
        f"keys {', '.join(key.partition(':')[0].strip() for key in keys[:4])}",
        "raw UTF-8" if not text.isascii() else "\\u escapes" if "\\u" in text else "ASCII",
        "trailing newline" if text.endswith("\n") else "no newline",
        "spaced" if re.search(r"\s", _TOKEN.sub("0", text.strip())) else "compact",
    )
