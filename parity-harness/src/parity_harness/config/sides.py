"""Reads the two sides: their targets, their variables, how their state becomes fresh."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

from parity_harness.config.entries import number, path_of
from parity_harness.config.values import side_of
from parity_harness.files import environment
from parity_harness.files.tables import Table
from parity_harness.model.exchange import Probe
from parity_harness.targets.making import Side
from parity_harness.targets.settling import Settle

KEYS = ("target", "environment", "environment_file", "reset")


def read_sides(root: Table) -> tuple[Side, Side]:
    """Return baseline and candidate.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
        ConfigurationError: a target is not written in one of the known ways.
    """
    shared, settle = _variables(root), _settle(root)
    baseline = replace(_side(root, "baseline", shared), settle=settle)
    return baseline, replace(_side(root, "candidate", shared), settle=settle)


def _side(root: Table, key: str, shared: Mapping[str, str]) -> Side:
    value = root.values.get(key)
    folder = root.file.parent
    if isinstance(value, str):
        return replace(side_of(value, folder), environment=shared)
    table = root.below(key, f"[{key}]")
    if table is None:
        raise root.complaint(f'{key} is missing; write: {key} = "wsgi:MODULE:ATTR"')
    table.known_only(KEYS)
    side = side_of(table.required("target", str, example='"asgi:MODULE:ATTR"'), folder)
    reset = table.optional("reset", str, example='"MODULE:CALLABLE"')
    return replace(side, environment={**shared, **_variables(table)}, reset=reset)


def _variables(table: Table) -> dict[str, str]:
    """Return variables, with `{here}` (the file's folder) and `{prefix}` (Python's) filled in."""
    file = path_of(table, "environment_file")
    written = table.strings("environment", example='{ NAME = "value" }')
    places = {"{here}": str(table.file.parent.resolve()), "{prefix}": sys.prefix}
    for place, meaning in places.items():
        written = {name: value.replace(place, meaning) for name, value in written.items()}
    return {**(environment.load(file) if file else {}), **written}


def _settle(root: Table) -> Settle | None:
    table = root.below("settle", "[settle]")
    if table is None:
        return None
    table.known_only(("request", "pointer", "any_of", "within"))
    method, _, target = table.required("request", str, example='"GET /jobs"').partition(" ")
    any_of = table.required("any_of", list, example='["done", "failed"]')
    pointer = table.required("pointer", str, example='"/jobs/*/status"')
    return Settle(Probe(method, target), pointer, tuple(any_of), number(table, "within") or 10.0)
