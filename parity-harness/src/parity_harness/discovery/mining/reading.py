"""Follows a request's inputs through the expressions of one function."""

from __future__ import annotations

import ast
from collections.abc import Callable
from enum import Enum

from parity_harness.discovery.mining.constants import UNKNOWN, members, value_of
from parity_harness.discovery.mining.findings import ITEM, Findings, Origin
from parity_harness.discovery.mining.functions import Function
from parity_harness.discovery.mining.tables import column_of, keys_of, table_of
from parity_harness.discovery.mining.vocabulary import (
    COMPARISONS,
    CONVERSIONS,
    HEADERS,
    LOOKUPS,
    PLACES,
    TRANSPARENT,
    WRAPPERS,
    conversion_of,
    is_request,
)
from parity_harness.discovery.shapes import Place

Follow = Callable[[ast.Call], Origin | None]
"""Returns the origin of what a function of the project returns."""


class Reader:
    """Finds the origin of expressions, noting what they say of it on the way."""

    def __init__(self, function: Function, findings: Findings, follow: Follow) -> None:
        self.names = function.names
        self.findings = findings
        self.follow = follow
        self.variables: dict[str, Origin] = {}
        self.loops: dict[str, tuple[object, ...]] = {}
        self.tables: dict[str, object] = {}

    def origin(self, node: ast.expr | None) -> Origin | None:
        """Return where an expression's value came from, None where from elsewhere."""
        match node:
            case ast.Name(id=name):
                return self.variables.get(name)
            case ast.Attribute(value=owner, attr=attribute):
                return self._attribute(owner, attribute)
            case ast.Subscript(value=owner, slice=key):
                return self._subscript(owner, key)
            case ast.Call():
                return self._call(node) or self.follow(node)
            case ast.BoolOp(values=[first, *others]):
                return self._either(first, others)
            case ast.IfExp(body=first, orelse=second):
                return self.origin(first) or self.origin(second)
            case ast.Await(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.origin(inner)
        return None

    def keys(self, node: ast.expr) -> tuple[str, ...]:
        """Return the key an expression stands for, or all keys that a loop variable takes."""
        if isinstance(node, ast.Name) and node.id in self.loops:
            values = self.loops[node.id]
        else:
            values = (value_of(node, self.names),)
        return tuple(value for value in values if isinstance(value, str))

    def constants(self, node: ast.expr) -> tuple[object, ...]:
        """Return the values an expression offers for comparison, none where unknown."""
        value = value_of(node, self.names)
        if value is UNKNOWN:
            return self._looked_up(node)
        return members(value) or (() if isinstance(value, type | tuple | dict) else (value,))

    def _attribute(self, owner: ast.expr, attribute: str) -> Origin | None:
        if is_request(owner):
            return self._of_request(attribute)
        found = self.origin(owner)
        if found and found.place is Place.AUTH and attribute in ("username", "password"):
            return self._noted(found.down(attribute))
        return None

    def _of_request(self, attribute: str) -> Origin | None:
        if attribute in HEADERS:
            return self._noted(Origin(Place.HEADER, (HEADERS[attribute],)))
        place = PLACES.get(attribute)
        return self._noted(Origin(place)) if place else None

    def _noted(self, origin: Origin) -> Origin:
        self.findings.about(origin)
        return origin

    def _subscript(self, owner: ast.expr, key: ast.expr) -> Origin | None:
        found = self.origin(owner)
        if found is None:
            self._table_key(owner, key)
            return None
        names = self.keys(key)
        for name in names:
            self.findings.about(found.down(name)).required = True
        if names:
            return found.down(names[0])
        in_body = found.place is Place.BODY and not isinstance(key, ast.Slice)
        return self._noted(found.down(ITEM)) if in_body else found

    def _table_key(self, owner: ast.expr, key: ast.expr) -> None:
        looked_up = self.origin(key)
        if looked_up:  # TABLE[input]: the table's keys are its legal values
            self.choose(looked_up, owner)

    def note(self, origin: Origin, values: tuple[object, ...]) -> None:
        """Note values that an input is compared with."""
        for value in values:
            self.findings.constant(origin, value)

    def choose(self, origin: Origin, table: ast.expr) -> None:
        """Note the members of what an input is looked up in."""
        known = self.constants(table) or keys_of(table_of(table, self.names))
        for value in known:
            self.findings.choice(origin, value)

    def _call(self, call: ast.Call) -> Origin | None:
        match call.func:
            case ast.Attribute(value=owner, attr=attribute):
                return self._method(call, owner, attribute)
            case ast.Name(id=name):
                return self._function(call, name)
        return None

    def _method(self, call: ast.Call, owner: ast.expr, attribute: str) -> Origin | None:
        if is_request(owner):
            return self._of_request(attribute)
        found = self.origin(owner)
        if found is None:
            return self._of_argument(call, owner, attribute)
        if attribute in LOOKUPS and call.args:
            return self._lookup(call, found)
        if attribute in COMPARISONS and call.args:
            self.note(found, self.constants(call.args[0]))
        return found if attribute in TRANSPARENT else None

    def _of_argument(self, call: ast.Call, owner: ast.expr, attribute: str) -> Origin | None:
        argument = self.origin(call.args[0]) if call.args else None
        if argument and attribute in CONVERSIONS:  # datetime.fromisoformat(input)
            return self._converted(argument, conversion_of(call.func))
        if argument and attribute in ("get", "pop"):  # TABLE.get(input)
            self.choose(argument, owner)
        return None

    def _function(self, call: ast.Call, name: str) -> Origin | None:
        arguments = [self.origin(argument) for argument in call.args]
        found = next((argument for argument in arguments if argument), None)
        if found is None:
            return None
        if name in CONVERSIONS:
            return self._converted(found, name)
        called = self.names.get(name)
        if isinstance(called, type) and issubclass(called, Enum):
            self.note(found, members(called))
            return found
        if name == "isinstance" and len(call.args) > 1:
            self._typed(found, call.args[1])
        elif name in WRAPPERS:
            for argument in call.args:
                self.note(found, self.constants(argument))
            return found
        return None

    def _converted(self, origin: Origin, name: str) -> Origin:
        kind, form = CONVERSIONS[name]
        if not (name in ("dict", "list") and not origin.keys):
            self.findings.kind(origin, kind)
        facts = self.findings.about(origin)
        facts.format = facts.format or form
        return origin

    def _typed(self, origin: Origin, types: ast.expr) -> None:
        for each in ast.walk(types):  # a name, a tuple, a union
            if isinstance(each, ast.Name) and each.id in CONVERSIONS:
                self.findings.kind(origin, CONVERSIONS[each.id][0])

    def _lookup(self, call: ast.Call, owner: Origin) -> Origin | None:
        names = self.keys(call.args[0])
        for name in names:
            self._defaults(call, owner.down(name))
        return owner.down(names[0]) if names else None

    def _defaults(self, call: ast.Call, origin: Origin) -> None:
        keywords = {each.arg: each.value for each in call.keywords}
        facts = self.findings.about(origin)
        default = call.args[1] if len(call.args) > 1 else keywords.get("default")
        value = value_of(default, self.names) if default else UNKNOWN
        if isinstance(value, str | int | float):
            facts.default = value
        converter = call.args[2] if len(call.args) > 2 else keywords.get("type")
        name = conversion_of(converter) if converter else ""
        if name in CONVERSIONS:
            self._converted(origin, name)
        elif isinstance(value, str | int | float):
            self.findings.kind(origin, CONVERSIONS[type(value).__name__][0])

    def _either(self, first: ast.expr, others: list[ast.expr]) -> Origin | None:
        found = self.origin(first)
        for other in others:
            found = found or self.origin(other)
        return found

    def _looked_up(self, node: ast.expr) -> tuple[object, ...]:
        match node:  # TABLE[input] and TABLE.get(input), compared with: the table's values
            case ast.Subscript(value=ast.Name(id=row), slice=ast.Constant(value=str(key))) if (
                row in self.tables
            ):
                return column_of(self.tables[row], key)
            case ast.Attribute(value=ast.Name(id=row), attr=key) if row in self.tables:
                return column_of(self.tables[row], key)
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
                name = table.id if isinstance(table, ast.Name) else ""
                found = self.names.get(name)
                return tuple(found.values()) if isinstance(found, dict) else ()
        return ()
