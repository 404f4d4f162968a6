"""A function's syntax tree together with the names it can see."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Function:
    """A function whose source could be read."""

    function: FunctionType
    node: FunctionNode
    names: Mapping[str, object]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its positional parameters."""
        return tuple(each.arg for each in self.node.args.posonlyargs + self.node.args.args)


def layers(view: Callable[..., object]) -> tuple[FunctionType, ...]:
    """Return a decorated function and what it wraps, the outermost first."""
    found: list[FunctionType] = []
    layer: object = view
    while layer is not None:
        plain = layer.__func__ if isinstance(layer, MethodType) else layer
        if isinstance(plain, FunctionType) and plain not in found:
            found.append(plain)
        layer = getattr(plain, "__wrapped__", None)
    return tuple(found)


def read(function: FunctionType) -> Function | None:
    """Return a function's tree, None where its source is not to be had (exec, C, a REPL)."""
    try:  # by its code: by the function, inspect would follow a decorator's __wrapped__
        source = textwrap.dedent(inspect.getsource(function.__code__))
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):  # a lambda's lines need not parse alone
        return None
    node = next((each for each in ast.walk(tree) if _is_it(each, function.__code__.co_name)), None)
    return Function(function, node, _names(function)) if isinstance(node, FunctionNode) else None


def _is_it(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Lambda):
        return name == "<lambda>"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name


def _names(function: FunctionType) -> Mapping[str, object]:
    free = function.__code__.co_freevars
    cells = zip(free, function.__closure__ or (), strict=False)
    return {**function.__globals__, **{name: _content(cell) for name, cell in cells}}


def _content(cell: object) -> object:
    try:
        return getattr(cell, "cell_contents", None)
    except ValueError:  # a closure that was not filled yet
        return None
