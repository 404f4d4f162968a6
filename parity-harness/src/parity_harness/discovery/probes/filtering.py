"""Values to filter, sort and search by, taken from the rows that a list showed."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from parity_harness.discovery.answers import Row, normal
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.probes.ranks import LIKELY, Case, Ranked
from parity_harness.discovery.shapes import Parameter, Place

_VALUES, _COLUMNS, _CASES = 6, 2, 2

_SEARCHING = ("q", "query", "search", "text", "term", "filter")
_SORTING = ("sort", "sortby", "order", "orderby", "ordering", "fields", "include")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def filters(case: Case, listed: list[Row]) -> Ranked:
    """Yield each query parameter with values that some rows have and others have not."""
    for parameter in case.operation.parameters:
        if parameter.place is Place.QUERY:
            for value in _filter_values(parameter, listed):
                purpose = f"query {parameter.name}: seen {value[:40]}"
                yield LIKELY, case.draft.asking(parameter.name, value).probe(purpose)


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
