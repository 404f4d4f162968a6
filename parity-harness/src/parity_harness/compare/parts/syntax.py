"""The small grammars that header fields share (RFC 9110, 5.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

_MEMBER = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^,])+')  # commas in quoted strings do not count
_PART = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^;])+')


def joined(values: Sequence[str]) -> str:
    """Return repeated fields as one (RFC 9110, 5.3)."""
    return ", ".join(each.strip() for each in values)


def listed(values: Sequence[str]) -> list[str]:
    """Return the members of a comma-separated list, quoted commas kept."""
    parts = (part.strip() for value in values for part in _MEMBER.findall(value))
    return [part for part in parts if part]


def parametrised(text: str) -> tuple[str, dict[str, str]]:
    """Split a value from its parameters, whose names are put in lower case."""
    first, *rest = _PART.findall(text) or [""]
    pairs = (part.partition("=") for part in rest if part.strip())
    return first.strip(), {key.strip().lower(): unquoted(value) for key, _, value in pairs}


def unquoted(text: str) -> str:
    """Return a quoted string without its quotes, a token as it is."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def number(text: str) -> object:
    """Return digits as a number, anything else as it is."""
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text


def date(values: Sequence[str]) -> object:
    """Write a readable date one way, in GMT (RFC 9110, 5.6.7); keep others as they are."""
    text = joined(values)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return text
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return format_datetime(aware.astimezone(UTC), usegmt=True)
