"""Values to filter, sort and search by, taken from the rows that a list showed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import quote

from parity_harness.discovery.answers import Row, Seen, is_success, normal, stable_rows
from parity_harness.discovery.probes.drafts import Pairs
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.probes.ranks import LIKELY, Case, Ranked
from parity_harness.discovery.shapes import Parameter, Place
from parity_harness.model.exchange import Exchange

_PAGES, _ROWS = 3, 100
_VALUES, _COLUMNS, _CASES = 6, 2, 2

_SEARCHING = ("q", "query", "search", "text", "term", "filter")
_SORTING = ("sort", "sortby", "order", "orderby", "ordering", "fields", "include")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def filters(case: Case, seen: Seen) -> Ranked:
    """Yield each query parameter with values that some rows have and others have not.

    With the query that showed the rows: without it they may be on another page.
    """
    known: set[tuple[str, str]] = set()
    for query, listed in islice(_pages(case, seen), _PAGES):
        draft = replace(case.draft, query=query)
        for name, value in _values(case, listed):
            if (name, value) not in known:
                known.add((name, value))
                others = draft.asking(name).target.partition("?")[2]
                where = f" where {others[:40]}" if others else ""
                yield (
                    LIKELY,
                    draft.asking(name, value).probe(f"query {name}: seen {value[:40]}{where}"),
                )


def _pages(case: Case, seen: Seen) -> Iterator[tuple[Pairs, list[Row]]]:
    """Yield queries whose answers show rows that none before showed, with these rows."""
    answers: dict[bytes, tuple[Exchange, Exchange]] = {}
    for one, other in seen:
        is_here = (one.probe.method, one.probe.route) == ("GET", case.route.template)
        if is_here and is_success(one.response):
            answers.setdefault(one.response.body, (one, other))
    known: set[str] = set()
    for one, other in answers.values():
        listed = {repr(row): row for row in stable_rows(one.response, other.response)[:_ROWS]}
        fresh = [row for shown, row in listed.items() if shown not in known]
        known |= listed.keys()
        if fresh:
            yield _pairs(one.probe.target), fresh


def _pairs(target: str) -> Pairs:
    """Return the parameters of a target's query as they are on the wire."""
    query = target.partition("?")[2]
    return tuple(
        (name, value)
        for name, _, value in (each.partition("=") for each in query.split("&"))
        if name
    )


def _values(case: Case, listed: list[Row]) -> Iterator[tuple[str, str]]:
    for parameter in case.operation.parameters:
        if parameter.place is Place.QUERY:
            for value in _filter_values(parameter, listed):
                yield parameter.name, value


def _filter_values(parameter: Parameter, listed: list[Row]) -> list[str]:
    name = normal(parameter.name)
    if name in _SORTING:
        keys = listed[0] if listed else {}
        return [quote(sign + key) for key in keys for sign in ("", "-")]
    if name in _SEARCHING:
        return _words(listed)
    wanted = name.removeprefix("min").removeprefix("max").removesuffix("s")
    keys = dict.fromkeys(key for row in listed for key in row)
    columns = {key: _column(listed, key) for key in keys}
    same = [each for key, column in columns.items() if _is_named(key, wanted) for each in column]
    alike = [each for column in columns.values() for each in _like(parameter, column)[:_VALUES]]
    found = same[:_VALUES] or list(dict.fromkeys(alike))[: _VALUES * _COLUMNS]
    swapped = [each.swapcase() for each in found[:_CASES] if each.swapcase() != each]
    return list(dict.fromkeys(quote(each, safe="") for each in [*found, *swapped]))


def _is_named(key: str, wanted: str) -> bool:
    return normal(key).removesuffix("s") == wanted


def _column(listed: list[Row], key: str) -> list[str]:
    values = [row[key] for row in listed if key in row]
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(text(each) for each in flat))


def _like(parameter: Parameter, column: list[str]) -> list[str]:
    """Return values of a column that a parameter of another name could be compared with."""
    if parameter.shape.kind in ("integer", "number"):
        return [each for each in column if _NUMBER.fullmatch(each)]
    if parameter.shape.format.startswith("date"):
        return [day for each in column if (day := _day(each))]
    return []


def _day(value: str) -> str | None:
    try:
        if value.endswith(" GMT"):
            return parsedate_to_datetime(value).date().isoformat()
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return None


def _words(listed: list[Row]) -> list[str]:
    texts = [value for row in listed for value in row.values() if isinstance(value, str)]
    plain = [each for each in texts if each and not _NUMBER.fullmatch(each) and not _day(each)]
    chosen = [*plain[:_VALUES], *[each for each in plain if not each.isascii()][:_VALUES]]
    found = [each for value in chosen for each in (value[:3], value.upper(), value.lower(), value)]
    return list(dict.fromkeys(quote(each, safe="") for each in found))
