"""Single entries of parity.toml, each with a complaint that says what to write instead."""

from __future__ import annotations

from pathlib import Path

from parity_harness.files.tables import Document, Table
from parity_harness.model.divergence import Strictness

_LEVELS = {each.name.lower(): each for each in Strictness}


def path_of(table: Table, key: str) -> Path | None:
    """Return a path relative to the file's folder."""
    name = table.optional(key, str, example=f'"{key}.toml"')
    return table.file.parent / name if name else None


def paths(table: Table, key: str) -> tuple[Path, ...]:
    """Return one path or several, relative to the file's folder."""
    value = table.values.get(key, [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise table.complaint(f'{key} are paths; write: {key} = ["{key}.toml"]', at=key)
    return tuple(table.file.parent / name for name in names)


def number(table: Table, key: str) -> float | None:
    """Return a number above 0."""
    value = table.values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise table.complaint(f"{key} is a number above 0; write: {key} = 10", at=key)
    return float(value)


def is_on(table: Table, key: str) -> bool:
    """Return a switch that is on unless it is put off."""
    value = table.optional(key, bool, example="false")
    return True if value is None else value


def count(table: Table, key: str, default: int) -> int:
    """Return a whole number."""
    value = table.optional(key, int, example=str(default))
    return default if value is None else value


def one_of(table: Table, key: str, known: tuple[str, ...]) -> str | None:
    """Return one of some known words."""
    value = table.optional(key, str, example=f'"{known[0]}"')
    if value is not None and value not in known:
        choices = " or ".join(f'"{each}"' for each in known)
        raise table.complaint(f"{key} is {choices}, not {value!r}", at=key)
    return value


def strictness(document: Document) -> list[tuple[str, Strictness]]:
    """Return the strictness of single routes."""
    found = []
    for table in document.tables("strictness", document.values.get("strictness", [])):
        table.known_only(("route", "level"))
        level = table.required("level", str, example='"types"')
        if level not in _LEVELS:
            choices = " or ".join(f'"{each}"' for each in _LEVELS)
            raise table.complaint(f"level is {choices}", at="level")
        found.append((table.required("route", str, example='"/jobs"'), _LEVELS[level]))
    return found


def ignored(document: Document) -> list[tuple[str, str]]:
    """Return routes that are left out, with the reason."""
    found = []
    for table in document.tables("ignore", document.values.get("ignore", [])):
        table.known_only(("route", "reason"))
        reason = table.required("reason", str, example='"why nobody needs it to agree"')
        found.append((table.required("route", str, example='"/metrics"'), reason))
    return found
