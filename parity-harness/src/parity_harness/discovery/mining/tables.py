"""Finds the tables a view looks inputs up in, as they are in the app that was loaded."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from types import FunctionType, ModuleType

from parity_harness.discovery.mining.constants import UNKNOWN, Names, owner_of, value_of
from parity_harness.discovery.mining.functions import read

SHOWN = 5
"""Keys of a table that are worth a probe."""

_DEPTH = 4


def table_of(node: ast.expr, names: Names, depth: int = _DEPTH) -> object:
    """Return the object an expression leads to without running any of the app's code.

    Follows names, attributes that are plain values, constant keys, `current_app`, and functions
    of the app that return nothing but such an expression: `store().rows`.
    """
    if depth == 0:
        return UNKNOWN
    match node:
        case ast.Name(id="current_app"):
            return names.get("__app__", UNKNOWN)
        case ast.Name(id=name):
            return names.get(name, UNKNOWN)
        case ast.Attribute(value=owner, attr=attribute):
            return _attribute(table_of(owner, names, depth), attribute)
        case ast.Subscript(value=owner, slice=key):
            return _item(table_of(owner, names, depth), value_of(key, names))
        case ast.Call(func=ast.Attribute(value=owner, attr="values" | "items")):
            return table_of(owner, names, depth)
        case ast.Call(func=function, args=[], keywords=[]):
            return _returned(owner_of(function, names), names, depth)
    return UNKNOWN


def keys_of(table: object) -> tuple[object, ...]:
    """Return the first keys of a mapping, or scalars of a list or set."""
    if not isinstance(table, Mapping | list | tuple | set | frozenset):
        return ()
    listed = sorted(table, key=repr) if isinstance(table, set | frozenset) else list(table)
    return tuple(each for each in listed[:SHOWN] if isinstance(each, str | int))


def column_of(table: object, key: str) -> tuple[object, ...]:
    """Return the first values of one key or attribute over the rows of a table."""
    if isinstance(table, Mapping):
        table = list(table.values())
    rows = table[:SHOWN] if isinstance(table, list | tuple) else ()
    values = [row.get(key) if isinstance(row, Mapping) else _attribute(row, key) for row in rows]
    return tuple(each for each in values if isinstance(each, str | int))


def _attribute(owner: object, attribute: str) -> object:
    if owner is UNKNOWN:
        return UNKNOWN
    if isinstance(owner, ModuleType):
        return getattr(owner, attribute, UNKNOWN)
    found = inspect.getattr_static(owner, attribute, UNKNOWN)
    # a descriptor would run code when asked for its value
    return UNKNOWN if hasattr(type(found), "__get__") else found


def _item(owner: object, key: object) -> object:
    if isinstance(owner, Mapping) and isinstance(key, str | int):
        return owner.get(key, UNKNOWN)
    return UNKNOWN


def _returned(function: object, names: Names, depth: int) -> object:
    source = read(function) if isinstance(function, FunctionType) else None
    if source is None or not isinstance(source.node, ast.FunctionDef):
        return UNKNOWN
    known = {**source.names, "__app__": names.get("__app__", UNKNOWN)}
    for statement in source.node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                known[name] = table_of(value, known, depth - 1)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                known[name] = table_of(value, known, depth - 1)
            case ast.Return(value=ast.expr() as value):
                return table_of(value, known, depth - 1)
    return UNKNOWN
