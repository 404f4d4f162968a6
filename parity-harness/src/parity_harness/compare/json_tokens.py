"""JSON exactly as it was sent: what Python's parser would quietly make alike stays apart.

`1` and `1.0`, `true` and `1`, a repeated key, `NaN` and integers of any length are all kept; the
order of keys is the dict's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import NoneType
from typing import Any

_LONGEST_INTEGER = 4_000  # Python refuses to parse far longer ones (4,300 digits)


@dataclass(frozen=True, slots=True)
class Literal:
    """A number that Python has no exact value for: NaN, Infinity, an endless integer."""

    text: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """An object in which a key occurs more than once; which one counts is the reader's guess."""

    pairs: tuple[tuple[str, Any], ...]


_TYPE_NAMES = {
    dict: "object",
    list: "array",
    str: "string",
    int: "integer",
    float: "float",
    bool: "boolean",
    NoneType: "null",
    Literal: "number literal",
    Repeated: "object with a repeated key",
}


def parse(text: str | bytes) -> Any:  # noqa: ANN401  (the JSON edge)
    """Return the value of a JSON text.

    Raises:
        ValueError: not JSON, not UTF-8, or nested too deeply to compare.
    """
    source = text.decode() if isinstance(text, bytes) else text
    try:
        return _DECODER.decode(source)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def type_name(value: object) -> str:
    """Return the JSON type of a parsed value, integers and floats apart."""
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def plain(value: object) -> object:
    """Return a parsed value as Python prints it best: literals as text, repeated keys marked."""
    match value:
        case Literal(text):
            return text
        case Repeated(pairs):
            return {f"{key} (repeated)" if index else key: plain(each)
                    for index, (key, each) in enumerate(pairs)}  # fmt: skip
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case _:
            return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Repeated:
    value = dict(pairs)
    return value if len(value) == len(pairs) else Repeated(tuple(pairs))


def _integer(text: str) -> int | Literal:
    return int(text) if len(text) < _LONGEST_INTEGER else Literal(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=Literal)
