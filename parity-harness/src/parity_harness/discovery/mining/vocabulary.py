"""What Flask, Starlette and Python call the things that a view does with its inputs."""

from __future__ import annotations

import ast

from parity_harness.discovery.shapes import Place

PLACES = {
    "args": Place.QUERY,
    "query_params": Place.QUERY,
    "values": Place.QUERY,
    "json": Place.BODY,
    "get_json": Place.BODY,
    "form": Place.FORM,
    "files": Place.FILE,
    "headers": Place.HEADER,
    "cookies": Place.COOKIE,
    "view_args": Place.PATH,
    "path_params": Place.PATH,
    "authorization": Place.AUTH,
}
"""What attribute of a request holds which inputs (Flask's, and Starlette's where it differs)."""

HEADERS = {
    "accept_mimetypes": "Accept",
    "accept_languages": "Accept-Language",
    "user_agent": "User-Agent",
    "referrer": "Referer",
    "origin": "Origin",
    "range": "Range",
}
"""What attribute of a request is one header."""

CONVERSIONS = {
    "int": ("integer", ""),
    "float": ("number", ""),
    "Decimal": ("number", ""),
    "str": ("string", ""),
    "bool": ("boolean", ""),
    "list": ("array", ""),
    "dict": ("object", ""),
    "UUID": ("string", "uuid"),
    "fromisoformat": ("string", "date-time"),
    "date.fromisoformat": ("string", "date"),
    "strptime": ("string", "date-time"),
}
"""What a call or a type name says of its argument: JSON type and format."""

TRANSPARENT = frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "encode", "decode",
    "split", "rsplit", "partition", "removeprefix", "removesuffix", "replace",
    "keys", "values", "items", "copy", "to_dict",
})  # fmt: skip
COMPARISONS = frozenset({"startswith", "removeprefix", "endswith", "best_match"})
LOOKUPS = frozenset({"get", "getlist", "pop", "get_list", "setdefault"})
WRAPPERS = frozenset({"min", "max", "abs", "round", "sorted", "set", "tuple", "frozenset"})


def conversion_of(function: ast.expr) -> str:
    """Return a converter's name as CONVERSIONS knows it: `int`, `date.fromisoformat`."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="date"), attr="fromisoformat"):
            return "date.fromisoformat"
        case ast.Attribute(attr=name):
            return name
    return ""


def is_request(node: ast.expr) -> bool:
    """Tell whether an expression is the request: `request`, `flask.request`, `self.request`."""
    match node:
        case ast.Name(id=name):
            return name in ("request", "req")
        case ast.Attribute(attr=attribute):
            return attribute == "request"
    return False
