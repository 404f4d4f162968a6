"""Makes a diverging probe smaller while it still diverges."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from parity_harness.model.exchange import Probe

MOST_ATTEMPTS = 200
"""Requests sent to each side before the smallest probe so far is taken."""

StillDiverges = Callable[[Probe], Awaitable[bool]]


async def shrink(probe: Probe, still_diverges: StillDiverges) -> Probe:
    """Return the smallest probe found for which `still_diverges` holds.

    Greedy: query parameters, headers and keys of the body are left out, values made simpler, as
    long as each step still diverges. `still_diverges` should ask both sides from a fresh state.
    """
    attempts = 0
    is_smaller = True
    while is_smaller and attempts < MOST_ATTEMPTS:
        is_smaller = False
        for candidate in smaller(probe):
            attempts += 1
            if attempts > MOST_ATTEMPTS:
                break
            if await still_diverges(candidate):
                probe, is_smaller = candidate, True
                break
    return probe


def smaller(probe: Probe) -> Iterator[Probe]:
    """Yield probes that are one step simpler, the greatest steps first."""
    path, mark, query = probe.target.partition("?")
    pairs = query.split("&") if mark else []
    for at in range(len(pairs)):
        rest = "&".join(pairs[:at] + pairs[at + 1 :])
        yield replace(probe, target=f"{path}?{rest}" if rest else path)
    for at in range(len(probe.headers)):
        yield replace(probe, headers=probe.headers[:at] + probe.headers[at + 1 :])
    yield from _smaller_bodies(probe)


def _smaller_bodies(probe: Probe) -> Iterator[Probe]:
    try:
        value = json.loads(probe.body)
    except ValueError:
        if probe.body:
            yield replace(probe, body=b"")
            yield replace(probe, body=probe.body[: len(probe.body) // 2])
        return
    for simpler in _smaller_values(value):
        yield replace(probe, body=json.dumps(simpler).encode())


def _smaller_values(value: object) -> Iterator[object]:
    match value:
        case dict():
            yield from _smaller_objects(value)
        case list():
            yield from _smaller_lists(value)
        case str() if len(value) > 1:
            yield from (value[: len(value) // 2], value[:-1])
        case bool():
            return
        case int() | float() if value not in (0, 1):
            yield from (0, 1, value // 2)


def _smaller_objects(value: dict[str, object]) -> Iterator[object]:
    for key in value:
        yield {name: each for name, each in value.items() if name != key}
    for key, inner in value.items():
        yield from ({**value, key: each} for each in _smaller_values(inner))


def _smaller_lists(value: list[object]) -> Iterator[object]:
    for at in range(len(value)):
        yield value[:at] + value[at + 1 :]
    for at, inner in enumerate(value):
        for each in _smaller_values(inner):
            yield [*value[:at], each, *value[at + 1 :]]
