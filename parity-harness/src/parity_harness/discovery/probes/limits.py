"""Values at the limits that the source shows, and texts over those that it does not."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.discovery.probes.examples import sized
from parity_harness.discovery.shapes import Shape

LONG = "very long"
"""Ends the purpose of a request with a text that is over any usual limit."""

WIDE = {f"{length} wide characters": "😀" * length for length in (4, 16, 64, 240)}
"""Four bytes a character: one is within any limit of 4 to 950 characters, but not in bytes."""


def limits(shape: Shape) -> Iterator[tuple[str, object]]:
    """Yield numbers and texts at the limits of a shape, one less and one more."""
    for limit in shape.numbers:
        whole = int(limit) if float(limit).is_integer() else limit
        for number in (whole - 1, whole, whole + 1):
            yield f"{number}", number
    for length in shape.lengths:
        for size in dict.fromkeys((max(0, length - 1), length, length + 1)):
            yield f"{size} characters", sized(size)
