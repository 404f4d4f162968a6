"""Query parameters: absent, empty, repeated, wrong, at their limits, and unknown ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from urllib.parse import quote

from parity_harness.discovery.probes.drafts import query_text
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.probes.limits import limits
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.discovery.shapes import Parameter, Place

BOOLEANS = ("true", "false", "True", "1", "0", "yes", "on", "off", "t", "maybe")
WRONG_NUMBERS = (
    "abc",
    "1.5",
    "2.0",
    "%2B2",
    "+2",
    "%202",
    "1_0",
    "%D9%A3",
    "0x10",
    "1e2",
    "9" * 30,
)
ODD_TEXTS = (
    "a+b",
    "a%20b",
    "%C3%A9",
    "%FF",
    "%zz",
    "a;b",
    "a%26b",
    "%22",
    "%27",
    "%00",
    "%25",
    "a,b",
    "a%2541",
    "e%CC%81",
)

_PAIRS = 6


def probes(case: Case) -> Ranked:
    """Yield values for each query parameter, pairs of parameters, and an unknown one."""
    parameters = [each for each in case.operation.parameters if each.place is Place.QUERY]
    for parameter in parameters:
        yield from _one(case, parameter)
    for first, second in list(combinations(parameters, 2))[:_PAIRS]:
        both = case.draft.asking(first.name, query_text(first))
        both = both.asking(second.name, query_text(second))
        yield USUAL, both.probe(f"query {first.name} and {second.name}")
    if case.is_read:
        yield LATER, case.draft.asking("parity_unknown", "1").probe("query unknown")
        yield ODD, case.draft.aimed(case.draft.target + "?", "query empty")
        yield ODD, case.draft.aimed(case.draft.target + "?&&=&a&=b", "query malformed")


def _one(case: Case, parameter: Parameter) -> Ranked:
    name = quote(parameter.name, safe="[]")
    for rank, value in _values(parameter):
        purpose = f"query {parameter.name}: {value[:40] or 'empty'}"
        yield rank, case.draft.asking(name, value).probe(purpose)
    if parameter.required:
        yield LIKELY, case.draft.asking(name).probe(f"query {parameter.name}: missing")
    one, other = _two(parameter)
    yield USUAL, case.draft.asking(name, one, other).probe(f"query {parameter.name}: repeated")
    blank = case.draft.asking(name, one, "", other)
    yield LATER, blank.probe(f"query {parameter.name}: repeated, one empty")
    address = case.draft.asking(name)
    yield ODD, address.asking(name.upper(), one).probe(f"query {parameter.name}: in capitals")
    yield ODD, address.aimed(_bare(address.target, name), f"query {parameter.name}: without =")


def _bare(target: str, name: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{name}"


def _two(parameter: Parameter) -> tuple[str, str]:
    legal = [quote(str(value), safe="") for value in parameter.shape.constants if value]
    if len(legal) > 1:
        return legal[0], legal[1]
    return ("1", "2") if parameter.shape.kind in ("integer", "number") else ("alpha", "beta")


def _values(parameter: Parameter) -> Iterator[tuple[int, str]]:
    """Yield values with their ranks, each once."""
    seen: set[str] = set()
    for rank, value in _all_values(parameter):
        if value not in seen:
            seen.add(value)
            yield rank, value


def _all_values(parameter: Parameter) -> Iterator[tuple[int, str]]:
    shape = parameter.shape
    yield LIKELY, query_text(parameter)
    yield LIKELY, ""
    for constant in shape.constants:
        yield LIKELY, quote(str(constant), safe="")
        yield USUAL, quote(str(constant).swapcase(), safe="")
        yield LATER, quote(f"{constant}a%41 é?b=1&c", safe="/")
    for sign in [each for each in shape.constants if each in ("-", "+")]:
        for constant in shape.constants:
            yield LIKELY, quote(f"{sign}{constant}", safe="-")
    if parameter.default is not None:
        yield USUAL, quote(str(parameter.default), safe="")
    yield from ((LIKELY, quote(text(value))) for _, value in limits(shape))
    if shape.kind in ("integer", "number"):
        yield from _numbers()
    elif shape.kind in ("boolean", "any"):
        yield from ((USUAL if shape.kind == "boolean" else LATER, each) for each in BOOLEANS)
        yield from ((LATER, each) for each in ("2", "-1", "abc"))
    else:
        yield LIKELY, "no-such"
        yield LATER, "%20" + query_text(parameter) + "%20"
    for value in ODD_TEXTS if shape.kind not in ("integer", "number") else ODD_TEXTS[:5]:
        yield ODD, value


def _numbers() -> Iterator[tuple[int, str]]:
    for whole in (0, 1, 2, 5, -1, 100, 1000000):
        yield LIKELY, str(whole)
    for number in WRONG_NUMBERS:
        yield USUAL, number
