"""Reads Flask's `url_map`, and the source of the views behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from parity_harness.discovery.inventory.routes import Foreign, Inventory, Operation, Route
from parity_harness.discovery.inventory.templates import from_flask, path_parameter
from parity_harness.discovery.mining import Mined, mine
from parity_harness.discovery.shapes import Parameter, Place

AUTOMATIC = frozenset({"HEAD", "OPTIONS"})

_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FILES_SHOWN = 3

DATES = ("2024-05-17", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "2024-5-7")
"""For a path parameter that is read as a date: leap days, the first and the last."""

View = Callable[..., object]


class _Rule(Protocol):
    rule: str
    endpoint: str
    methods: set[str] | None
    defaults: Mapping[str, object] | None
    strict_slashes: bool
    websocket: bool
    _converters: Mapping[str, Any]


def read_flask(app: Foreign, prefix: str = "") -> Inventory:
    """Return the routes of a Flask app; rules of one template become one route."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.websocket]
    routes: dict[tuple[object, ...], Route] = {}
    for rule in rules:
        route = _route(app, rule, prefix)
        if route:
            key = (route.template, tuple(each.shape.format for each in route.path))
            routes[key] = _joined(routes[key], route) if key in routes else route
    return Inventory(tuple(routes.values()), tuple(_notes(app)), "flask")


def _route(app: Foreign, rule: _Rule, prefix: str) -> Route | None:
    if rule.endpoint == "static":
        return _static_route(app, rule, prefix)
    methods = rule.methods or set()
    written = methods - {"HEAD"} - _automatic_options(rule)
    mined = {method: _mined(app, rule, method) for method in sorted(written)}
    return Route(
        template=prefix + from_flask(rule.rule),
        operations=tuple(_operation(app, rule, *each) for each in mined.items()),
        path=tuple(_known(each, mined.values()) for each in _path_parameters(app, rule)),
        implied=tuple(sorted(methods - written)),
        strict_slashes=rule.strict_slashes,
    )


def _automatic_options(rule: _Rule) -> set[str]:
    return {"OPTIONS"} if getattr(rule, "provide_automatic_options", True) else set()


def _static_route(app: Foreign, rule: _Rule, prefix: str) -> Route | None:
    folder = Path(app.static_folder or "")
    files = sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []
    if not files:
        return None  # without files every answer is 404: the probe of an unknown path covers it
    names = tuple(each.relative_to(folder).as_posix() for each in files[:_FILES_SHOWN])
    return Route(
        template=prefix + from_flask(rule.rule),
        operations=(Operation("GET", "static"),),
        path=(path_parameter("filename", "path", names),),
        implied=("HEAD", "OPTIONS"),
        implicit=True,
    )


def _operation(app: Foreign, rule: _Rule, method: str, mined: Mined) -> Operation:
    body = mined.body if method in _BODY_METHODS else None
    places = {Place.FORM: "application/x-www-form-urlencoded", Place.FILE: "multipart/form-data"}
    media = dict.fromkeys(["application/json"] if body else [])
    media |= dict.fromkeys(places[p.place] for p in mined.parameters if p.place in places)
    return Operation(
        method=method,
        endpoint=rule.endpoint,
        parameters=tuple(_applying(mined.parameters, method)),
        body=body,
        media=tuple(media) if method in _BODY_METHODS else (),
        statuses=mined.statuses,
        answers=mined.answers,
        body_limit=app.config.get("MAX_CONTENT_LENGTH"),
    )


def _applying(parameters: Iterable[Parameter], method: str) -> Iterator[Parameter]:
    for parameter in parameters:
        if parameter.place is not Place.PATH and (
            method in _BODY_METHODS or parameter.place not in (Place.FORM, Place.FILE)
        ):
            yield parameter


def _mined(app: Foreign, rule: _Rule, method: str) -> Mined:
    view = app.view_functions.get(rule.endpoint)
    view_class = getattr(view, "view_class", None)
    handler = getattr(view_class, method.lower(), None) or getattr(
        view_class, "dispatch_request", None
    )
    views = [each for each in (*_hooks(app, rule.endpoint), view, handler) if each]
    names = {"self": view_class, "__config__": dict(app.config), "__app__": app}
    return mine(views, names | {"__path__": tuple(rule._converters)})  # noqa: SLF001  # as below


def _hooks(app: Foreign, endpoint: str) -> list[View]:
    blueprints = endpoint.split(".")[:-1]
    names = [None, *(".".join(blueprints[: n + 1]) for n in range(len(blueprints)))]
    return [hook for name in names for hook in app.before_request_funcs.get(name, [])]


def _path_parameters(app: Foreign, rule: _Rule) -> Iterator[Parameter]:
    kinds = {kind: name for name, kind in reversed(app.url_map.converters.items())}
    in_order = [name for is_dynamic, name in getattr(rule, "_trace", []) if is_dynamic]
    converters = rule._converters  # noqa: SLF001  # Werkzeug shows them nowhere else
    for name in [each for each in in_order if each in converters] or list(converters):
        converter = converters[name]
        kind = kinds.get(type(converter), "string")
        kind = "string" if kind == "default" else kind
        yield path_parameter(name, kind, _choices(converter), _lengths(converter))


def _known(parameter: Parameter, mined: Iterable[Mined]) -> Parameter:
    """Return a path parameter with what the views look it up in, or parse it as."""
    for view in mined:
        for each in view.parameters:
            if (each.place, each.name) == (Place.PATH, parameter.name):
                dates = DATES if each.shape.format.startswith("date") else ()
                constants = dict.fromkeys(
                    (*parameter.shape.constants, *each.shape.constants, *dates)
                )
                shape = replace(parameter.shape, constants=tuple(constants))
                parameter = replace(parameter, shape=shape)
    return parameter


def _choices(converter: Foreign) -> tuple[object, ...]:
    limits = (getattr(converter, "min", None), getattr(converter, "max", None))
    items: tuple[object, ...] = tuple(sorted(getattr(converter, "items", ())))
    return items + tuple(limit for limit in limits if limit is not None)


def _lengths(converter: Foreign) -> tuple[int, ...]:
    """Return the limits of `string(length=…)`, which Werkzeug keeps in the regex only."""
    found = re.fullmatch(r"\[\^/\]\{(\d+)(?:,(\d*))?\}", str(converter.regex))
    limits = [int(each) for each in found.groups() if each] if found else []
    return tuple(limit for limit in limits if limit > 1)


def _joined(one: Route, other: Route) -> Route:
    known = {each.method: each for each in one.operations}
    for operation in other.operations:
        known.setdefault(operation.method, operation)
    return Route(
        template=one.template,
        operations=tuple(known.values()),
        path=one.path,
        implied=tuple(sorted({*one.implied, *other.implied} - known.keys())),
        strict_slashes=one.strict_slashes,
        implicit=one.implicit,
    )


def _notes(app: Foreign) -> Iterator[str]:
    if app.url_map.host_matching or any(rule.subdomain for rule in app.url_map.iter_rules()):
        yield "routes bound to a host or subdomain are probed on the default host only"
