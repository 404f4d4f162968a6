"""The formats that a text can have: a name and a pattern each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HTTP_DATE = rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ISO_8601 = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_LONGEST_NAME = 12  # up to here, camelCase is a word and no token
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?P<gap>[T ])\d\d:\d\d(?P<seconds>:\d\d)?(?P<fraction>[.,]\d+)?(?P<zone>.*)"
)

_SOURCES = {
    "http-date": _HTTP_DATE,
    "date": r"\d{4}-\d\d-\d\d",
    "numeric": r"-?\d+",
    "decimal": r"-?\d+\.\d+",
    "hex": "[0-9a-f]{6,}",
    "HEX": "[0-9A-F]{6,}",
    "opaque": r"[\w+/=.~-]{6,}",
    "word": r"[^\W\d][\w-]*",
    "text": r"[\s\S]*",
}

TOKEN = re.compile(
    rf"(?<![\w-])(?:{_UUID}|{_HTTP_DATE}|{_ISO_8601}|{_SOURCES['date']}|\d+\.\d+|[\w-]+)(?![\w-])"
)
"""Pieces of a text that may be volatile, each whole: never a part of a word."""


def form_of_text(text: str) -> str:
    """Return the name of the narrowest format that a text has."""
    return next(_formats(text))


@lru_cache(maxsize=512)
def source(form: str) -> str:
    """Return the pattern of a textual form, as the source of a regular expression."""
    name, _, detail = form.partition(":")
    if name == "iso8601":
        return re.sub("[YMDhmsf]", r"\\d", re.escape(detail))
    if name.lower().startswith("uuid"):
        return _uuid_source(name)
    if detail:
        return _SOURCES[name].replace("{6,}", f"{{{int(detail)}}}")
    return _SOURCES[name]


def is_identity(form: str) -> bool:
    """Return whether values of a form name something, so that the same one means the same thing."""
    return form.lower().startswith(("uuid", "hex", "opaque"))


def _formats(text: str) -> Iterator[str]:
    if re.fullmatch(_UUID, text):
        yield ("uuid" if text == text.lower() else "UUID") + text[14].lower()
    if re.fullmatch(_ISO_8601, text):
        yield _iso_8601(text)
    for name in ("http-date", "date", "numeric", "decimal"):
        if re.fullmatch(_SOURCES[name], text):
            yield name
    for name in ("hex", "HEX"):
        if re.fullmatch(_SOURCES[name], text):
            yield f"{name}:{len(text)}"
    if re.fullmatch(_SOURCES["opaque"], text) and _looks_random(text):
        yield f"opaque:{len(text)}"
    yield "word" if re.fullmatch(_SOURCES["word"], text) else "text"


def _iso_8601(text: str) -> str:
    """Name precision and zone: another precision or another zone is another format."""
    found = _MOMENT.fullmatch(text)
    assert found is not None, text  # noqa: S101  (the caller matched a narrower pattern)
    seconds = ":ss" if found["seconds"] else ""
    fraction = re.sub(r"\d", "f", found["fraction"] or "")
    return f"iso8601:YYYY-MM-DD{found['gap']}hh:mm{seconds}{fraction}{found['zone']}"


def _looks_random(text: str) -> bool:
    if text.startswith("/"):
        return False
    has_digit, has_letter = (any(map(test, text)) for test in (str.isdigit, str.isalpha))
    mixed = text not in {text.lower(), text.upper(), text.capitalize()}
    return has_letter and (has_digit or (mixed and len(text) >= _LONGEST_NAME))


def _uuid_source(name: str) -> str:
    digit = "[0-9a-f]" if name.startswith("uuid") else "[0-9A-F]"
    version = name[4:].upper() if name.startswith("UUID") else name[4:]
    return f"{digit}{{8}}-{digit}{{4}}-{version}{digit}{{3}}-{digit}{{4}}-{digit}{{12}}"
