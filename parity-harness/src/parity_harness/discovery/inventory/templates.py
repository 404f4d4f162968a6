"""Canonical templates: `/jobs/{job_id}`, whatever the framework writes."""

from __future__ import annotations

import re

from parity_harness.discovery.shapes import Parameter, Place, Shape

_FLASK = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>")
_STARLETTE = re.compile(r"\{([^{}:]+)(?::[^{}]*)?\}")

KINDS = {"int": "integer", "integer": "integer", "float": "number", "number": "number"}
"""The JSON type of a converter's values; all others are strings."""


def from_flask(rule: str) -> str:
    """Return `/jobs/<int:job_id>` as `/jobs/{job_id}`."""
    return _FLASK.sub(r"{\1}", rule)


def from_starlette(path: str) -> str:
    """Return `/jobs/{job_id:int}` as `/jobs/{job_id}`."""
    return _STARLETTE.sub(r"{\1}", path) or "/"


def names(template: str) -> tuple[str, ...]:
    """Return the path parameters of a canonical template in order."""
    return tuple(_STARLETTE.findall(template))


def filled(template: str, values: dict[str, str]) -> str:
    """Return a request path; `values` are already percent-encoded as wanted."""
    return _STARLETTE.sub(lambda found: values.get(found[1], "1"), template)


def path_parameter(
    name: str,
    converter: str,
    constants: tuple[object, ...] = (),
    lengths: tuple[int, ...] = (),
) -> Parameter:
    """Return a path parameter whose shape's format is its converter."""
    kind = KINDS.get(converter, "string")
    shape = Shape(kind, constants=constants, lengths=lengths, format=converter)
    return Parameter(name, Place.PATH, shape, required=True)
