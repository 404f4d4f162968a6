"""What a JSON value or parameter looks like, as far as source or schema tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Place(StrEnum):
    """Where in a request a parameter travels."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    FORM = "form"
    FILE = "file"
    BODY = "body"
    AUTH = "auth"  # user name and password of Basic authentication


@dataclass(frozen=True, slots=True)
class Shape:
    """A value's kind and what else is known of it.

    `kind` is a JSON Schema type, or `any` where nothing is known. `constants` are values the
    source compares with or the schema enumerates; `numbers` are limits it compares with; `lengths`
    are limits of the length. `format` is as in JSON Schema (`uuid`, `date-time` …).
    """

    kind: str = "any"
    fields: tuple[tuple[str, Shape], ...] = ()
    required: tuple[str, ...] = ()
    items: Shape | None = None
    constants: tuple[object, ...] = ()
    numbers: tuple[float, ...] = ()
    lengths: tuple[int, ...] = ()
    format: str = ""

    def field(self, name: str) -> Shape | None:
        """Return the shape of one key of an object."""
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named input besides the JSON body. `default` is None where there is none."""

    name: str
    place: Place
    shape: Shape = Shape()
    required: bool = False
    default: object = None


def merged(one: Shape, other: Shape) -> Shape:
    """Return what both know of the same value; the first wins where they contradict."""
    names = dict(one.fields) | {k: v for k, v in other.fields if one.field(k) is None}
    fields = tuple(
        (name, merged(mine, theirs))
        if (mine := one.field(name)) and (theirs := other.field(name))
        else (name, shape)
        for name, shape in names.items()
    )
    items = merged(one.items, other.items) if one.items and other.items else None
    return replace(
        one,
        kind=one.kind if one.kind != "any" else other.kind,
        fields=fields,
        required=_union(one.required, other.required),
        items=items or one.items or other.items,
        constants=_union(one.constants, other.constants),
        numbers=_union(one.numbers, other.numbers),
        lengths=_union(one.lengths, other.lengths),
        format=one.format or other.format,
    )


def merged_parameters(
    ours: tuple[Parameter, ...], theirs: tuple[Parameter, ...]
) -> tuple[Parameter, ...]:
    """Return every parameter of either list once; header names match in any case."""
    known = {_key(parameter): parameter for parameter in ours}
    for parameter in theirs:
        mine = known.get(_key(parameter))
        known[_key(parameter)] = _joined(mine, parameter) if mine else parameter
    return tuple(known.values())


def _joined(mine: Parameter, theirs: Parameter) -> Parameter:
    default = theirs.default if mine.default is None else mine.default
    return replace(mine, shape=merged(mine.shape, theirs.shape), default=default)


def _key(parameter: Parameter) -> tuple[Place, str]:
    is_header = parameter.place is Place.HEADER
    return parameter.place, parameter.name.lower() if is_header else parameter.name


def _union(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    # 1 == True: equal values of different types are different constants
    known = {(type(value), value) for value in one}
    return one + tuple(value for value in other if (type(value), value) not in known)
