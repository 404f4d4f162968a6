"""Walks a view's statements, and those of the functions of its own project that it calls."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType

from parity_harness.discovery.mining.answering import note_answer, note_status
from parity_harness.discovery.mining.constants import members, owner_of, value_of
from parity_harness.discovery.mining.findings import ITEM, Findings, Mined, Origin
from parity_harness.discovery.mining.functions import Function, layers, read
from parity_harness.discovery.mining.reading import Reader
from parity_harness.discovery.mining.tables import table_of
from parity_harness.discovery.shapes import Place

DEPTH = 4
"""Calls followed from a view downwards."""


def mine(views: Iterable[Callable[..., object]], names: Mapping[str, object]) -> Mined:
    """Return what views and the decorators around them read, as one.

    `names` are known besides a function's own globals: `self` (the class), `__config__`, `__app__`,
    and `__path__`, the parameters that the router fills in.
    """
    findings = Findings()
    seen: set[FunctionType] = set()
    for view in views:
        for function in layers(view):
            _trace(function, findings, names, seen)
    return findings.mined()


def _trace(
    function: FunctionType,
    findings: Findings,
    names: Mapping[str, object],
    seen: set[FunctionType],
) -> None:
    source = read(function) if function not in seen else None
    if source:
        seen.add(function)
        tracer = _Tracer(_with(source, names), findings, (function,))
        filled = names.get("__path__", ())
        for name in filled if isinstance(filled, tuple) else ():
            tracer.reader.variables[name] = Origin(Place.PATH, (name,))
        tracer.walk()


def _with(source: Function, names: Mapping[str, object]) -> Function:
    given = {name: names[name] for name in ("self", "__config__", "__app__") if name in names}
    return Function(source.function, source.node, {**source.names, **given})


class _Tracer(ast.NodeVisitor):
    """Visits one function; `stack` holds the calls that led to it."""

    def __init__(
        self, function: Function, findings: Findings, stack: tuple[FunctionType, ...]
    ) -> None:
        self.function = function
        self.findings = findings
        self.stack = stack
        self.reader = Reader(function, findings, self._followed)
        self.followed: dict[ast.Call, Origin | None] = {}
        self.result: Origin | None = None

    def walk(self) -> Origin | None:
        """Visit the body; return the origin of what it returns."""
        body = self.function.node.body
        for statement in body if isinstance(body, list) else [ast.Return(value=body)]:
            self.visit(statement)
        return self.result

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if node.value:
            self._bind(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.generic_visit(node)
        self._bind(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehended(node.generators, node.elt)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehended(node.generators, node.elt)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehended(node.generators, node.elt)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.reader.origin(node)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.reader.origin(node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        self.reader.origin(node)
        note_status(node, self.function.names, self.findings)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            self._compared(left, operator, right)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.generic_visit(node)
        if isinstance(node.op, ast.Sub):  # REQUIRED - data.keys()
            required, allowed = members(self._value(node.left)), members(self._value(node.right))
            self._has_keys(self.reader.origin(node.right), required, is_required=True)
            self._has_keys(self.reader.origin(node.left), allowed, is_required=False)

    def visit_Match(self, node: ast.Match) -> None:
        subject = self.reader.origin(node.subject)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if subject and isinstance(pattern, ast.MatchValue):
                    self.reader.note(subject, self.reader.constants(pattern.value))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        self.generic_visit(node)
        if node.value is None:
            return
        self.result = self.result or self.reader.origin(node.value)
        note_answer(node.value, self.function.names, self.findings)

    def _comprehended(self, generators: list[ast.comprehension], element: ast.expr) -> None:
        # the element is written before the loop that binds its names
        for generator in generators:
            self.visit(generator)
        self.visit(element)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        found = self.reader.origin(value)
        if found:
            self.reader.variables[target.id] = found
        else:
            self.reader.variables.pop(target.id, None)

    def _loop(self, target: ast.expr, source: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        found = self.reader.origin(source)
        if found:
            self.findings.about(found.down(ITEM))
            self.reader.variables[target.id] = found.down(ITEM)
        else:
            self.reader.loops[target.id] = members(self._value(source))
            self.reader.tables[target.id] = table_of(source, self.function.names)

    def _value(self, node: ast.expr) -> object:
        return value_of(node, self.function.names)

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> None:
        if isinstance(operator, ast.In | ast.NotIn):
            owner, is_needed = self.reader.origin(right), isinstance(operator, ast.NotIn)
            self._has_keys(owner, self.reader.keys(left), is_required=is_needed)
        for one, other in ((left, right), (right, left)):
            found = self.reader.origin(one)
            if found and isinstance(operator, ast.In | ast.NotIn):
                self.reader.choose(found, other)
            elif found and self.reader.origin(other) is None:
                self.reader.note(found, self.reader.constants(other))
            self._length(one, other)

    def _has_keys(
        self, owner: Origin | None, names: tuple[object, ...], *, is_required: bool
    ) -> None:
        for name in names:
            if owner and isinstance(name, str):
                facts = self.findings.about(owner.down(name))
                facts.required = facts.required or is_required
                facts.tested = facts.tested or not is_required

    def _length(self, node: ast.expr, limit: ast.expr) -> None:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[measured]):
                found, value = self.reader.origin(measured), self._value(limit)
                if found and isinstance(value, int):
                    self.findings.about(found).lengths[value] = None

    def _followed(self, call: ast.Call) -> Origin | None:
        if call not in self.followed:  # a node is looked at once for each expression around it
            self.followed[call] = None
            self.followed[call] = self._through(call)
        return self.followed[call]

    def _through(self, call: ast.Call) -> Origin | None:
        callee = owner_of(call.func, self.function.names)
        if not isinstance(callee, FunctionType) or not self._is_ours(callee):
            return None
        source = read(callee)
        if source is None:
            return None
        source = _with(source, self.function.names)
        called = _Tracer(source, self.findings, (*self.stack, callee))
        parameters = [each for each in source.parameters if each not in ("self", "cls")]
        given = dict(zip(parameters, call.args, strict=False))
        given |= {each.arg: each.value for each in call.keywords if each.arg}
        origins = {name: self.reader.origin(value) for name, value in given.items()}
        called.reader.variables |= {name: origin for name, origin in origins.items() if origin}
        return called.walk()

    def _is_ours(self, callee: FunctionType) -> bool:
        root = callee.__module__.partition(".")[0]
        file = callee.__code__.co_filename
        installed = "site-packages" in file and root != _root(self.stack[0])
        known = callee in self.stack or len(self.stack) > DEPTH
        return not (known or installed or root in sys.stdlib_module_names)


def _root(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]
