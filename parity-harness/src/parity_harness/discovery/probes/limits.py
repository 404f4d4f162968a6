"""Values at limits: those that the source shows, and usual ones where a long text was refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import MatchedRoute
from parity_harness.discovery.probes.examples import sized
from parity_harness.discovery.probes.ranks import LATER, Ranked
from parity_harness.discovery.shapes import Shape
from parity_harness.model.exchange import Exchange

LONG = "very long"
"""Ends the purpose of a request with a text that is over any usual limit."""

WIDE = {f"{length} wide characters": "😀" * length for length in (4, 16, 64, 240)}
"""Four bytes a character: one is within any limit of 4 to 950 characters, but not in bytes."""

USUAL_LENGTHS = (
    5, 6, 8, 10, 12, 15, 16, 20, 24, 30, 32, 36, 40, 50, 60, 64, 72, 80, 100, 120, 128, 140, 150,
    160, 200, 240, 250, 254, 255, 256, 280, 300, 400, 500, 512, 1000, 1024, 2000, 2048, 2500,
)  # fmt: skip

_LONG_TEXT = re.compile(rb"(alphabeta){100,}[alphbet]*")  # as `sized` makes it


def limits(shape: Shape) -> Iterator[tuple[str, object]]:
    """Yield numbers and texts at the limits of a shape, one less and one more."""
    for limit in shape.numbers:
        whole = int(limit) if float(limit).is_integer() else limit
        for number in (whole - 1, whole, whole + 1):
            yield f"{number}", number
    for length in shape.lengths:
        for size in dict.fromkeys((max(0, length - 1), length, length + 1)):
            yield f"{size} characters", sized(size)


def usual_lengths(route: MatchedRoute, seen: Seen) -> Ranked:
    """Yield texts at usual limits, and one more, where a long text was refused and a short taken.

    Not every limit can be read from the source; between which lengths one is, answers show.
    """
    answers = {
        (one.probe.method, one.probe.purpose): one
        for one, _ in seen
        if one.probe.route == route.template
    }
    for (method, purpose), refused in answers.items():
        if purpose.endswith(LONG) and 400 <= refused.response.status < 500:
            asked = purpose.removesuffix(LONG)
            taken = {
                len(text): _is_taken(answers.get((method, asked + name)))
                for name, text in WIDE.items()
            }
            yield from _between(refused, asked, taken)


def _is_taken(answer: Exchange | None) -> bool:
    return answer is not None and answer.response.status < 400


def _between(refused: Exchange, asked: str, taken: dict[int, bool]) -> Ranked:
    lowest = max((length for length, is_taken in taken.items() if is_taken), default=None)
    if lowest is None:
        return
    highest = min((length for length in taken if length > lowest), default=USUAL_LENGTHS[-1])
    probe = refused.probe
    for limit in USUAL_LENGTHS:
        for size in (limit, limit + 1) if lowest <= limit <= highest else ():
            body = _LONG_TEXT.sub(sized(size).encode(), probe.body)
            yield LATER, replace(probe, body=body, purpose=f"{asked}{size} characters")
