"""Reads Starlette's tree of routes: routers within routers, mounts, FastAPI's OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from parity_harness.discovery.inventory.openapi import operations, path_kinds
from parity_harness.discovery.inventory.routes import Foreign, Inventory, Operation, Route
from parity_harness.discovery.inventory.templates import from_starlette, names, path_parameter
from parity_harness.discovery.mining import mine
from parity_harness.discovery.shapes import Parameter

_CONVERTORS = {
    "IntegerConvertor": "int",
    "FloatConvertor": "float",
    "UUIDConvertor": "uuid",
    "PathConvertor": "path",
}

ReadMounted = Callable[[object, str], Inventory]


@dataclass(slots=True)
class _Tree:
    """One app while it is read."""

    prefix: str
    document: Mapping[str, Any]
    documented: Mapping[tuple[str, str], Operation]
    implicit: frozenset[str]
    read_mounted: ReadMounted
    notes: list[str] = field(default_factory=list)


def read_starlette(app: Foreign, prefix: str, read_mounted: ReadMounted) -> Inventory:
    """Return the routes of a Starlette or FastAPI app; `read_mounted` reads apps mounted in it."""
    notes: list[str] = []
    document = _document(app, notes)
    tree = _Tree(prefix, document, operations(document), _pages(app), read_mounted, notes)
    routes: dict[str, Route] = {}
    for route in _routes(app.routes, tree):
        known = routes.get(route.template)
        routes[route.template] = _joined(known, route) if known else route
    return Inventory(tuple(routes.values()), tuple(tree.notes), "starlette")


def _document(app: Foreign, notes: list[str]) -> Mapping[str, Any]:
    if not callable(getattr(app, "openapi", None)):
        return {}
    try:
        document = app.openapi()
    except Exception as error:  # noqa: BLE001  # whatever a stranger's schema raises is told
        notes.append(f"the candidate's OpenAPI could not be made: {error!r}")
        return {}
    return document if isinstance(document, Mapping) else {}


def _pages(app: Foreign) -> frozenset[str]:
    names = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")
    return frozenset(page for name in names if (page := getattr(app, name, None)))


def _routes(routes: Foreign, tree: _Tree) -> Iterator[Route]:
    for route in routes:
        # FastAPI keeps an included router as one entry, and makes its routes when asked
        included = getattr(route, "effective_route_contexts", None)
        if callable(included):
            yield from _routes([_original(each) for each in included()], tree)
        elif hasattr(route, "host") and hasattr(route, "routes"):
            tree.notes.append(f"routes of host {route.host} are probed on the default host only")
            yield from _routes(route.routes, tree)
        elif hasattr(route, "app") and hasattr(route, "path") and not hasattr(route, "methods"):
            yield from _mounted(route, tree)
        elif hasattr(route, "path") and hasattr(route, "methods"):
            yield _route(route, tree)
        else:
            tree.notes.append(
                f"{type(route).__name__} at {getattr(route, 'path', '?')} is no HTTP route"
            )


def _original(context: Foreign) -> Foreign:
    if context.path:
        return context
    return context.starlette_route or context.original_route


def _mounted(mount: Foreign, tree: _Tree) -> Iterator[Route]:
    prefix = tree.prefix + mount.path
    if not hasattr(mount, "endpoint") and hasattr(mount.app, "directory"):
        path = (path_parameter("path", "path"),)
        yield Route(prefix + "/{path}", (Operation("GET", "static"),), path, implied=("HEAD",))
    elif hasattr(mount, "endpoint"):
        tree.notes.append(f"{prefix} is a WebSocket")
    else:
        inventory = tree.read_mounted(mount.app, prefix)
        tree.notes += inventory.notes
        yield from inventory.routes


def _route(route: Foreign, tree: _Tree) -> Route:
    methods = _methods(route)
    implied = {"HEAD"} & methods if "GET" in methods else set()
    template = from_starlette(route.path)
    return Route(
        template=tree.prefix + template,
        operations=tuple(
            _operation(route, template, method, tree) for method in sorted(methods - implied)
        ),
        path=tuple(_path_parameters(route, template, tree)),
        implied=tuple(implied),
        implicit=template in tree.implicit,
    )


def _methods(route: Foreign) -> set[str]:
    if route.methods:
        return set(route.methods)
    # a class endpoint answers the methods it defines
    standard = ("get", "post", "put", "patch", "delete", "options")
    return {each.upper() for each in standard if hasattr(route.endpoint, each)} or {"GET"}


def _operation(route: Foreign, template: str, method: str, tree: _Tree) -> Operation:
    known = tree.documented.get((template, method))
    name = str(getattr(route, "name", ""))
    if known:
        return replace(known, endpoint=name)
    mined = mine([route.endpoint] if callable(route.endpoint) else [], {})
    return Operation(
        method, name, mined.parameters, mined.body, ("application/json",) if mined.body else ()
    )


def _path_parameters(route: Foreign, template: str, tree: _Tree) -> Iterator[Parameter]:
    kinds = path_kinds(tree.document, template)
    convertors = getattr(route, "param_convertors", {})
    for name in names(template):
        convertor = _CONVERTORS.get(type(convertors.get(name)).__name__)
        yield path_parameter(name, convertor or kinds.get(name, "string"))


def _joined(one: Route, other: Route) -> Route:
    known = {each.method: each for each in one.operations}
    for operation in other.operations:
        known.setdefault(operation.method, operation)
    implied = tuple(sorted({*one.implied, *other.implied}))
    return replace(one, operations=tuple(known.values()), implied=implied)
