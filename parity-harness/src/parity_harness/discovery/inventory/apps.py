"""Reads an app object's router, whichever framework made it."""

from __future__ import annotations

from parity_harness.discovery.inventory.flask_map import read_flask
from parity_harness.discovery.inventory.routes import Inventory
from parity_harness.discovery.inventory.starlette_tree import read_starlette

_WRAPPED = ("app", "wsgi_app", "application", "asgi_app", "_app")
_LAYERS = 10


def of_app(app: object) -> Inventory:
    """Return the routes of a Flask, Starlette or FastAPI app, by duck typing.

    Middleware that keeps what it wraps as `app`, `wsgi_app` or `application` is seen through. An
    app with no router that can be read gives an empty inventory whose note says so.
    """
    return _read(app, "")


def _read(app: object, prefix: str) -> Inventory:
    routed = _routed(app)
    if hasattr(routed, "url_map"):
        return read_flask(routed, prefix)
    if routed is not None:
        return read_starlette(routed, prefix, _read)
    where = f" at {prefix}" if prefix else ""
    return Inventory(notes=(f"{type(app).__name__}{where} has no router that can be read",))


def _routed(app: object) -> object | None:
    layer: object | None = app
    for _ in range(_LAYERS):
        if layer is None or _has_router(layer):
            return layer
        layer = next(
            (getattr(layer, name) for name in _WRAPPED if getattr(layer, name, None)), None
        )
    return None


def _has_router(app: object) -> bool:
    is_flask = hasattr(app, "url_map") and hasattr(app, "view_functions")
    return is_flask or isinstance(getattr(app, "routes", None), list)
