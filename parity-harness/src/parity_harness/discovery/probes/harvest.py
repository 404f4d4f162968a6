"""Probes made from what the baseline answered: ids that exist, values to filter by, validators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from urllib.parse import quote

from parity_harness.discovery.answers import (
    Row,
    Seen,
    first_success,
    first_with_header,
    id_key,
    parsed,
    scalars,
    stable_rows,
)
from parity_harness.discovery.inventory import Matched, MatchedRoute
from parity_harness.discovery.inventory.templates import names
from parity_harness.discovery.probes.drafts import path_text
from parity_harness.discovery.probes.examples import text
from parity_harness.discovery.probes.families import bodies, negotiation, queries, valid
from parity_harness.discovery.probes.filtering import filters
from parity_harness.discovery.probes.learning import attempts, learned
from parity_harness.discovery.probes.limits import usual_lengths
from parity_harness.discovery.probes.making import cases_of, ordered
from parity_harness.discovery.probes.ranks import LATER, LIKELY, USUAL, Case, Ranked
from parity_harness.model.exchange import Probe, Response

STALE = {"ETag": '"stale"', "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}
"""A validator of each kind that no answer has."""

_LINKS = 5


def follow_up(matched: Matched, seen: Seen) -> Iterator[Probe]:
    """Yield probes made from stable values: those that both fresh baselines answered alike.

    May be asked again with what its own probes brought: guesses at a body that succeeded are
    then spoilt like any valid request.
    """
    return ordered(chain.from_iterable(_of_route(matched, route, seen) for route in matched.routes))


def _of_route(matched: Matched, route: MatchedRoute, seen: Seen) -> Ranked:
    for case in cases_of(route):
        yield from _writes(case, seen)
    yield from usual_lengths(route, seen)
    yield from _validators(route, seen)
    yield from _ranges(route, seen)
    pair = first_success(seen, "GET", route.template)
    if pair is None:
        return
    one, other = pair
    listed = stable_rows(one, other)
    for case in cases_of(route):
        if case.operation.method == "GET":
            yield from filters(case, seen)
    yield from _links(one, other)
    for below in matched.routes:
        yield from _existing(route, below, listed, seen)


def _writes(case: Case, seen: Seen) -> Ranked:
    """Yield guesses where every body was refused; where one was not, that one spoilt."""
    yield from attempts(case, seen)
    better = learned(case.draft, seen)
    if better != case.draft:
        for rank, probe in bodies.probes(replace(case, draft=better)):
            yield rank, replace(probe, purpose=f"learned: {probe.purpose}")


def _validators(route: MatchedRoute, seen: Seen) -> Ranked:
    for name, header in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        found = first_with_header(seen, "GET", route.template, name)
        value = found[0].response.header(name) if found else None
        if found and value and value == found[1].response.header(name):
            yield from _conditional(found[0].probe, name, header, value)


def _conditional(read: Probe, name: str, header: str, value: str) -> Ranked:
    yield LIKELY, _with(read, f"{header}: as answered", (header, value))
    yield USUAL, _with(read, f"{header}: in a list", (header, f'"x", {value}'))
    if name == "ETag":
        other = value.removeprefix("W/") if value.startswith("W/") else f"W/{value}"
        yield USUAL, _with(read, f"{header}: weak for strong", (header, other))
    head = replace(read, method="HEAD")
    yield USUAL, _with(head, f"{header}: as answered, HEAD", (header, value))
    for what, validator in (("as answered", value), ("stale", STALE[name])):
        part = (("If-Range", validator), ("Range", "bytes=0-0"))
        yield USUAL, _with(read, f"If-Range: {name} {what}", *part)


def _ranges(route: MatchedRoute, seen: Seen) -> Ranked:
    found = first_with_header(seen, "GET", route.template, "Accept-Ranges")
    size = len(found[0].response.body) if found else 0
    if found and size == len(found[1].response.body):
        last, beyond = size - 1, size + 9
        for asked in (
            *("0-0", f"0-{last}", f"0-{beyond}", f"{last}-", f"{size}-", f"-{beyond}"),
            *("1-2,4-5", "2-1"),
        ):
            purpose = f"Range: seen {asked}"
            yield USUAL, _with(found[0].probe, purpose, ("Range", f"bytes={asked}"))
        head = replace(found[0].probe, method="HEAD")
        yield USUAL, _with(head, "Range: seen 0-0, HEAD", ("Range", "bytes=0-0"))


def _with(read: Probe, purpose: str, *headers: tuple[str, str]) -> Probe:
    names = {name.lower() for name, _ in headers}
    kept = tuple(pair for pair in read.headers if pair[0].lower() not in names)
    return replace(read, headers=(*kept, *headers), purpose=purpose)


def _links(one: Response, other: Response) -> Ranked:
    targets = [one.header("Location"), one.header("Content-Location")]
    targets += [value for _, value in scalars(parsed(one)) if isinstance(value, str)]
    theirs = {other.header("Location"), other.header("Content-Location")}
    theirs |= {value for _, value in scalars(parsed(other)) if isinstance(value, str)}
    local = [each for each in targets if each and each.startswith("/") and each in theirs]
    for target in list(dict.fromkeys(local))[:_LINKS]:
        if target.isascii() and target.isprintable() and " " not in target:
            yield LATER, Probe("GET", target, purpose=f"link seen: {target[:60]}")


def _existing(route: MatchedRoute, below: MatchedRoute, listed: list[Row], seen: Seen) -> Ranked:
    """Yield probes of a route under this one, for an id that this one listed."""
    parameters = names(below.template)
    start = route.template.rstrip("/") + "/{"
    if not below.template.startswith(start) or not parameters:
        return
    name = below.template[len(start) :].partition("}")[0]
    found = [
        quote(text(row[key]), safe="")
        for row in listed
        if (key := id_key(row, name)) and key in row
    ]
    default = next((path_text(each) for each in below.baseline.path if each.name == name), "")
    for position, value in enumerate(dict.fromkeys([*found[:2], *found[-1:]])):
        for case in cases_of(below, {name: value}, seen):
            if case.operation.method != "DELETE":
                yield from _on_existing(case, position, is_default=value == default)


def _on_existing(case: Case, position: int, *, is_default: bool) -> Ranked:
    which = ("first", "second", "last")[position]
    if is_default:
        return
    families = [valid.probes]
    if position == 0:
        families += [queries.probes, bodies.probes]
        families += [negotiation.probes] if case.is_read else []
    for family in families:
        for rank, probe in family(case):
            yield rank, replace(probe, purpose=f"{which} listed: {probe.purpose}")
