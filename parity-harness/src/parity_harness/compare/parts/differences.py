"""A difference in raw values, its place, and how both are written for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from parity_harness.compare.json_tokens import plain
from parity_harness.model.divergence import Kind

Path = tuple[str | int, ...]
"""A head (`status`, `body:`, `header:allow`), then keys and positions."""

_LONGEST_SHOWN = 120


class Absent(Enum):
    """What stands where one side has nothing."""

    ABSENT = "(missing)"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Difference:
    """Two values that should have been alike, before anyone says how bad that is.

    `spelling` marks bodies whose values agree and only their bytes do not.
    """

    kind: Kind
    path: Path
    baseline: object
    candidate: object
    spelling: bool = False


def pointer(path: Path) -> str:
    """Return a path as text: the head, then a JSON Pointer (RFC 6901)."""
    head, *rest = path
    return str(head) + "".join(
        "/" + str(each).replace("~", "~0").replace("/", "~1") for each in rest
    )


def general(path: Path) -> Path:
    """Return a path with every position as `*`."""
    return tuple("*" if isinstance(each, int) else each for each in path)


def collapse(differences: Iterable[Difference]) -> list[Difference]:
    """Show what differs alike in several items once, with `*` for the position; a text once."""
    groups: dict[tuple[Kind, Path], list[Difference]] = {}
    for each in differences:
        groups.setdefault((each.kind, _shared_place(each)), []).append(each)
    return [
        members[0] if len(members) == 1 and kind is not Kind.BYTES
        else replace(members[0], path=path)
        for (kind, path), members in groups.items()
    ]  # fmt: skip


def show(value: object, *, as_json: bool) -> str:
    """Return a short printable form of a value; long ones are cut in the middle."""
    if isinstance(value, Absent):
        return value.value
    try:
        text = json.dumps(plain(value), ensure_ascii=False) if as_json else str(value)
    except RecursionError:
        return "(nested too deeply to show)"
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[: _LONGEST_SHOWN - 30]} … {text[-26:]}"


def _shared_place(difference: Difference) -> Path:
    if difference.kind is Kind.BYTES:
        return difference.path[:1]  # without the line
    return general(difference.path)
