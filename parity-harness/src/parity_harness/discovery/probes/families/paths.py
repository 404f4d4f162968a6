"""Path parameters: odd and boundary values for each converter."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote

from parity_harness.discovery.probes.drafts import unlikely_text
from parity_harness.discovery.probes.examples import UUID, sized
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.discovery.shapes import Parameter

NUMBERS = (
    "-1", "%2B7", "1.0", "1_0", "%201", "1%20", "007", "1e1", "0x1", "99999999999999999999",
    "%D9%A3", "%E2%91%A0", "9" * 4301, "True", "1%0A",
)  # fmt: skip
"""Numbers that int() takes and a router may not, or the other way round."""

TEXTS = (
    "%C3%A9t%C3%A9", "a%2Fb", "%2F", "a%20b", "a+b", "%FF%FE", "%zz", "a%00b", ".", "%2E%2E",
    "a;b", "a,b", "a%2541", "e%CC%81", "A" * 300,
)  # fmt: skip

UUIDS = (UUID.upper(), UUID.replace("-", ""), "%7B" + UUID + "%7D", "urn:uuid:" + UUID, UUID[:-1])

DATES = ("2024-W01-1", "2023-02-29", "9999-12-31", "0001-01-01", "2024-2-9")
"""Days that some parsers take and others do not, and the last and first of all."""

FLOATS = ("1", "-1.5", "1.", ".5", "1e3", "nan", "inf", "%D9%A3.5")

_ODD = {"int": NUMBERS, "float": (*FLOATS, *NUMBERS), "uuid": UUIDS}


def probes(case: Case) -> Ranked:
    """Yield odd values for each path parameter; all of them on reads, the telling on writes."""
    for parameter in case.route.baseline.path:
        for rank, value in _values(parameter):
            if _is_asked(case, parameter, rank, value):
                kind = parameter.shape.format
                name = f"path {parameter.name} ({kind}): {_shown(value)}"
                yield rank, case.draft.at(parameter.name, value).probe(name)


def _is_asked(case: Case, parameter: Parameter, rank: int, value: str) -> bool:
    exists = unquote(value) in {str(each) for each in parameter.shape.constants} or value == "0"
    if case.operation.method == "DELETE" and exists:
        return False
    return case.is_read or rank == LIKELY


def _values(parameter: Parameter) -> Iterator[tuple[int, str]]:
    kind = parameter.shape.format
    yield LIKELY, "abc"
    yield LIKELY, unlikely_text(parameter)
    if kind in _ODD:
        yield LIKELY, "0"
    for length in parameter.shape.lengths:
        for size in (length - 1, length, length + 1):
            yield LIKELY, sized(size)
    for constant in parameter.shape.constants:
        yield LIKELY, quote(str(constant), safe="/")
        yield USUAL, quote(str(constant).upper(), safe="/")
    for value in _ODD.get(kind, ()):
        yield USUAL, value
    for value in DATES if _fits_a_date(parameter) else ():
        yield USUAL, value
    for value in TEXTS:
        yield (ODD if kind in _ODD else LATER), value
    if kind == "path":
        for value in ("a/b/c", "a//b", "a/../b", "a/", "%2e%2e/%2e%2e/etc/passwd"):
            yield USUAL, value


def _fits_a_date(parameter: Parameter) -> bool:
    return parameter.shape.format.startswith("date") or len("2024-02-29") in parameter.shape.lengths


def _shown(value: str) -> str:
    return value if len(value) < 60 else f"{value[0]}×{len(value)}"
