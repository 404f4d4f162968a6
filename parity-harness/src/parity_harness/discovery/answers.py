"""Looks into JSON answers the baseline gave: rows, ids, and where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from parity_harness.model.exchange import Exchange, Response

Seen = Sequence[tuple[Exchange, Exchange]]
"""Exchanges of the baseline with itself (two fresh instances), in probe order."""

Row = dict[str, Any]

_IDS = ("id", "uuid", "key", "slug", "name", "number", "code")


def normal(name: str) -> str:
    """Return a name without case and separators: `job_id`, `jobId` and `job-id` are one."""
    return name.replace("_", "").replace("-", "").lower()


def parsed(response: Response) -> object:
    """Return a JSON body's value, None where it is no JSON."""
    if "json" not in (response.header("content-type") or ""):
        return None
    try:
        value: object = json.loads(response.body)
    except ValueError:
        return None
    return value


def is_success(response: Response) -> bool:
    """Tell whether an answer is 2xx."""
    return 200 <= response.status < 300


def first_success(
    seen: Seen, method: str, route: str, *, redirects: bool = False
) -> tuple[Response, Response] | None:
    """Return both answers of the first exchange of an operation that went well."""
    for one, other in seen:
        is_wanted = is_success(one.response) or (redirects and 300 <= one.response.status < 400)
        if (one.probe.method, one.probe.route) == (method, route) and is_wanted:
            return one.response, other.response
    return None


def first_with_header(
    seen: Seen, method: str, route: str, name: str
) -> tuple[Exchange, Exchange] | None:
    """Return the first exchange of an operation whose answer, no error, has a header."""
    for one, other in seen:
        is_wanted = (one.probe.method, one.probe.route) == (method, route)
        if is_wanted and 200 <= one.response.status < 400 and one.response.header(name):
            return one, other
    return None


def rows(value: object, pointer: str = "") -> list[tuple[str, Row]]:
    """Return the objects an answer lists, with their pointers: `[{…}]`, `{"items": [{…}]}`."""
    if isinstance(value, list):
        return [(f"{pointer}/{at}", row) for at, row in enumerate(value) if isinstance(row, dict)]
    if isinstance(value, dict):
        for key, inner in value.items():
            found = rows(inner, f"{pointer}/{key}") if isinstance(inner, list) else []
            if found:
                return found
    return []


def stable_rows(one: Response, other: Response) -> list[Row]:
    """Return listed rows, each with the values that both answers agree on."""
    pairs = zip(rows(parsed(one)), rows(parsed(other)), strict=False)
    return [
        {key: value for key, value in mine.items() if theirs.get(key) == value}
        for (_, mine), (_, theirs) in pairs
    ]


def id_key(row: Row, parameter: str) -> str | None:
    """Return the key of a row that holds what a path parameter wants."""
    keys = {normal(key): key for key, value in row.items() if _is_scalar(value)}
    wanted = normal(parameter)
    exact = keys.get(wanted) or keys.get(wanted.removesuffix("id") or "id")
    return exact or next((keys[each] for each in _IDS if each in keys), None)


def id_pointer(value: object, parameter: str) -> str | None:
    """Return where an object answer holds its id: at its top, or one object down."""
    if not isinstance(value, dict):
        return None
    key = id_key(value, parameter)
    if key:
        return f"/{key}"
    for name, inner in value.items():
        if isinstance(inner, dict) and (key := id_key(inner, parameter)):
            return f"/{name}/{key}"
    return None


def scalars(value: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """Yield every string, number and boolean of an answer with its pointer."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from scalars(inner, f"{pointer}/{at}")
    elif value is not None:
        yield pointer, value


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
