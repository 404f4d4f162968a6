"""Learns what is volatile from the baseline against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from parity_harness.compare.forms import common_form, form_of_key, near_form
from parity_harness.compare.parts.answers import differences
from parity_harness.compare.parts.differences import Difference, general, pointer
from parity_harness.compare.parts.moments import clock_readings
from parity_harness.compare.rules import KEYS, NO_ROUTE, UNORDERED, Rules
from parity_harness.model.divergence import Kind, Strictness
from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import NoiseRule

Pair = tuple[Exchange, Exchange]
Place = tuple[str, str, str]
"""Method, route and path."""

_VOLATILE = {Kind.VALUE: 1, Kind.TYPE: 1, Kind.HEADER_VALUE: 1, Kind.BYTES: 2, Kind.EFFECT: 2}
"""Kinds whose values may be volatile, and how deep: a whole body or a count never is."""

_WEAK = {"word", "text", "numeric", "integer", "float", "number", "boolean"}
"""Forms that say little: taken only for what differs once ids, times and order are known."""


def learn(
    pairs: Sequence[Pair], *, during: tuple[float, float] | None = None
) -> tuple[NoiseRule, ...]:
    """Return what differs between two runs of the baseline, as types and formats.

    Presence is never noise: a key, header or item that only one run had gets no rule. `during` is
    the span of the two runs in epoch seconds (UTC): a time inside it is volatile even where both
    runs happened to say the same second.
    """
    forms: dict[Place, dict[str, str]] = {}
    if during is not None:
        _add(forms, _read_clocks(pairs, during))
    for accept in (_is_strong, _is_strong, _is_any_but_weak_keys):
        _add(forms, _observed(pairs, _rules(forms), accept))
    return _rules(forms)


def _observed(
    pairs: Iterable[Pair], rules: tuple[NoiseRule, ...], accept: Callable[[str], bool]
) -> Iterator[tuple[Place, str, str]]:
    known = Rules(noise=rules)
    for first, second in pairs:
        found = differences(first, second, known.for_fresh_state(), Strictness.VALUES)
        for path, form in (*_forms(found), *_key_forms(found)):
            if accept(form):
                yield (*_where(first), path), form, first.probe.purpose or first.probe.target


def _forms(found: Iterable[Difference]) -> Iterator[tuple[str, str]]:
    for each in found:
        if each.kind is Kind.ORDER:
            yield pointer(general(each.path)), UNORDERED
        if each.kind not in _VOLATILE or len(each.path) < _VOLATILE[each.kind]:
            continue
        form = common_form(each.baseline, each.candidate)
        if form is not None:
            yield pointer(general(each.path)), form


def _key_forms(found: Sequence[Difference]) -> Iterator[tuple[str, str]]:
    """Objects of which one run had other keys, all of one format: their keys are ids."""
    changed: dict[str, list[Difference]] = {}
    for each in found:
        if each.kind in {Kind.KEY_MISSING, Kind.KEY_EXTRA}:
            changed.setdefault(pointer(general(each.path[:-1])), []).append(each)
    for path, members in changed.items():
        forms = {form_of_key(str(each.path[-1])) for each in members}
        if len({each.kind for each in members}) == 2 and len(forms) == 1:
            yield path, KEYS + forms.pop()


def _read_clocks(
    pairs: Iterable[Pair], during: tuple[float, float]
) -> Iterator[tuple[Place, str, str]]:
    for pair in pairs:
        for exchange in pair:
            for path, value in clock_readings(exchange.response, during):
                form = near_form(value)
                if form is not None:
                    yield (*_where(exchange), pointer(path)), form, "the clock"


def _where(exchange: Exchange) -> tuple[str, str]:
    return exchange.probe.method, exchange.probe.route or NO_ROUTE


def _is_strong(form: str) -> bool:
    name = form.removeprefix(KEYS)
    return not any(part in _WEAK for part in name.split(" | "))


def _is_any_but_weak_keys(form: str) -> bool:
    return not form.startswith(KEYS) or _is_strong(form)


def _add(forms: dict[Place, dict[str, str]], found: Iterable[tuple[Place, str, str]]) -> None:
    """Gather forms by place; the first place that showed one is told as its origin."""
    for place, form, origin in list(found):
        forms.setdefault(place, {}).setdefault(form, origin)


def _rules(forms: dict[Place, dict[str, str]]) -> tuple[NoiseRule, ...]:
    return tuple(
        NoiseRule(method, route, path, form, origin)
        for (method, route, path), named in sorted(forms.items())
        for form, origin in sorted(named.items())
    )
