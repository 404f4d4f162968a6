"""What an expression is worth where it can be known without running the program."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from enum import Enum
from types import ModuleType

UNKNOWN = object()
"""The value of what cannot be known."""

Names = Mapping[str, object]

_PLAIN = (str, bytes, int, float, bool, type(None), tuple, list, set, frozenset, dict, Enum)


def value_of(node: ast.expr, names: Names) -> object:
    """Return an expression's value, UNKNOWN where it takes running to find out."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _plain(names.get(name, UNKNOWN))
        case ast.Attribute(value=ast.expr() as owner, attr=attribute):
            return _attribute(owner, attribute, names)
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
            return _config(owner, key, names)
        case ast.Call(
            func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str(key)), *_]
        ):
            return _config(owner, key, names)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return _all(tuple(value_of(item, names) for item in items))
        case ast.Dict(keys=keys):
            return _all(tuple(value_of(key, names) for key in keys if key is not None))
        case ast.JoinedStr(values=pieces):
            return _joined(pieces, names)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case _:
            return UNKNOWN


def owner_of(node: ast.expr, names: Names) -> object:
    """Return the object a dotted name leads to, UNKNOWN where it leads nowhere."""
    match node:
        case ast.Name(id=name):
            return names.get(name, UNKNOWN)
        case ast.Attribute(value=inner, attr=attribute):
            owner = owner_of(inner, names)
            if isinstance(owner, ModuleType | type):
                return getattr(owner, attribute, UNKNOWN)
            # looked up without running it: an object's attribute may be a property with effects
            return inspect.getattr_static(type(owner), attribute, UNKNOWN)
    return UNKNOWN


def members(value: object) -> tuple[object, ...]:
    """Return what `x in value` compares x with: items, keys, members of an enumeration."""
    if isinstance(value, type) and issubclass(value, Enum):
        return tuple(member.value for member in value)
    if isinstance(value, dict | list | tuple):
        return tuple(_unwrapped(each) for each in value)
    if isinstance(value, set | frozenset):
        return tuple(sorted((_unwrapped(each) for each in value), key=repr))
    return ()


def _plain(value: object) -> object:
    if isinstance(value, type) and issubclass(value, Enum):
        return value
    return _unwrapped(value) if isinstance(value, _PLAIN) else UNKNOWN


def _unwrapped(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _attribute(owner: ast.expr, attribute: str, names: Names) -> object:
    if attribute == "value":  # Enum member's value
        return value_of(owner, names)
    found = owner_of(owner, names)
    if isinstance(found, ModuleType | type):
        return _plain(getattr(found, attribute, UNKNOWN))
    return UNKNOWN


def _config(owner: ast.expr, key: str, names: Names) -> object:
    table = _table(owner, names)
    return _plain(table[key]) if isinstance(table, Mapping) and key in table else UNKNOWN


def _table(owner: ast.expr, names: Names) -> object:
    match owner:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(attr="config"):  # app.config, current_app.config
            return names.get("__config__")
    return None


def _all(values: tuple[object, ...]) -> object:
    return UNKNOWN if any(value is UNKNOWN for value in values) else values


def _joined(pieces: list[ast.expr], names: Names) -> object:
    values = tuple(
        value_of(piece.value if isinstance(piece, ast.FormattedValue) else piece, names)
        for piece in pieces
    )
    return UNKNOWN if _all(values) is UNKNOWN else "".join(str(value) for value in values)
