"""Two whole answers and their effects, in the order a reader would look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from parity_harness.compare.parts.bodies import compare_bodies
from parity_harness.compare.parts.differences import ABSENT, Difference
from parity_harness.compare.parts.fields import compare_fields, compare_lengths
from parity_harness.compare.parts.terms import Terms
from parity_harness.compare.parts.values import ValueComparison
from parity_harness.compare.rules import NO_ROUTE, Rules
from parity_harness.model.divergence import Kind, Strictness
from parity_harness.model.exchange import Effect, Exchange, Response

_STRICTNESS = {
    Kind.STATUS: Strictness.STATUS,
    Kind.FAILURE: Strictness.STATUS,
    Kind.TRUNCATED: Strictness.STATUS,
    Kind.EFFECT: Strictness.STATUS,
    Kind.MEDIA_TYPE: Strictness.KEYS,
    Kind.HEADER_MISSING: Strictness.KEYS,
    Kind.HEADER_EXTRA: Strictness.KEYS,
    Kind.KEY_MISSING: Strictness.KEYS,
    Kind.KEY_EXTRA: Strictness.KEYS,
    Kind.TYPE: Strictness.TYPES,
    Kind.REASON: Strictness.BYTES,
}
"""From which strictness on a kind counts; kinds not named count from `values` on."""


def differences(
    baseline: Exchange, candidate: Exchange, rules: Rules, strictness: Strictness
) -> list[Difference]:
    """Return every difference that counts at this strictness, each place for itself."""
    if _identical(baseline, candidate):
        return []
    found = list(_all(baseline, candidate, rules, strictness))
    return [each for each in found if _STRICTNESS.get(each.kind, Strictness.VALUES) <= strictness]


def _identical(baseline: Exchange, candidate: Exchange) -> bool:
    one, two = baseline.response, candidate.response
    return (
        one.body == two.body
        and one.status == two.status
        and one.headers == two.headers
        and (one.complete, one.failure, one.reason) == (two.complete, two.failure, two.reason)
        and baseline.effects == candidate.effects
    )


def _all(
    baseline: Exchange, candidate: Exchange, rules: Rules, strictness: Strictness
) -> Iterator[Difference]:
    one, two = baseline.response, candidate.response
    terms = Terms(
        values=ValueComparison(rules.identities, same_moment=rules.same_moment),
        tree=rules.at(baseline.probe.method, baseline.probe.route or NO_ROUTE),
        strictness=strictness,
        ignored=rules.ignored_headers,
    )
    if one.failure is not None or two.failure is not None:
        yield from _failure(one, two)
    elif one.status != two.status:
        yield Difference(Kind.STATUS, ("status",), one.status, two.status)
    if _comparable(one, two):
        yield from _answer(baseline, candidate, terms)
    _effects(baseline.effects, candidate.effects, terms)
    yield from terms.values.found
    yield from terms.values.identities_kept()


def _comparable(one: Response, two: Response) -> bool:
    """Return whether two answers speak of the same thing: an error has no body of a success."""
    return one.status // 100 == two.status // 100 and one.status != 0


def _failure(one: Response, two: Response) -> Iterator[Difference]:
    """Two sides that both drop the connection are alike, whatever they raised."""
    if (one.failure is None) != (two.failure is None):
        told, other = (each.failure or f"answers {each.status}" for each in (one, two))
        yield Difference(Kind.FAILURE, ("status",), told, other)


def _answer(baseline: Exchange, candidate: Exchange, terms: Terms) -> Iterator[Difference]:
    one, two = baseline.response, candidate.response
    if one.reason != two.reason and one.reason and two.reason and one.status == two.status:
        yield Difference(Kind.REASON, ("reason",), one.reason, two.reason)
    streamed = list(_chunks(one, two))
    if streamed:
        terms = replace(terms, ignored=terms.ignored | {"content-length"})
    yield from compare_fields(one.headers, two.headers, terms)
    yield from compare_lengths(baseline, candidate, terms)
    if one.complete != two.complete:
        yield Difference(Kind.TRUNCATED, ("body:",), _completeness(one), _completeness(two))
        return
    yield from compare_bodies(one, two, terms)
    yield from streamed


def _chunks(one: Response, two: Response) -> Iterator[Difference]:
    """A stream has no Content-Length and comes in pieces; how many is the server's affair."""
    if one.chunks and two.chunks and _streams(one) != _streams(two):
        told, other = ("a stream" if _streams(each) else "one piece" for each in (one, two))
        yield Difference(Kind.CHUNKS, ("body:",), told, other)


def _streams(response: Response) -> bool:
    pieces = sum(1 for size in response.chunks if size)
    return pieces > 1 and response.header("content-length") is None


def _completeness(response: Response) -> str:
    return "complete" if response.complete else f"ends after {len(response.body)} bytes"


def _effects(one: tuple[Effect, ...], two: tuple[Effect, ...], terms: Terms) -> None:
    if one == two:
        return
    values = terms.values
    mark = len(values.found)
    for kind in sorted({effect.kind for effect in (*one, *two)}):
        head = f"effect:{kind}"
        facts = [[each.facts for each in side if each.kind == kind] for side in (one, two)]
        values.walk(facts[0], facts[1], (head,), terms.tree.child(head))
    values.found[mark:] = [
        Difference(
            Kind.EFFECT, each.path, _count(each, each.baseline), _count(each, each.candidate)
        )
        for each in values.found[mark:]
    ]


def _count(difference: Difference, value: object) -> object:
    if difference.kind is Kind.LENGTH and len(difference.path) == 1 and isinstance(value, list):
        return f"{len(value)} times" if value else ABSENT
    return value
