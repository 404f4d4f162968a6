"""Finds the times an answer tells, so that one taken from the clock is known as such."""

from __future__ import annotations

from collections.abc import Iterator

from parity_harness.compare.forms import moment
from parity_harness.compare.headers import meaning
from parity_harness.compare.json_tokens import parse
from parity_harness.compare.parts.differences import Path
from parity_harness.compare.parts.fields import is_json
from parity_harness.compare.rules import HOP_BY_HOP
from parity_harness.model.exchange import Response

_SLACK_SECONDS = 1.0  # many formats cut a time to the second
_LIFETIME_SECONDS = 400 * 86_400.0  # of what expires: two runs in one second say the same of it


def clock_readings(
    response: Response, during: tuple[float, float]
) -> Iterator[tuple[Path, object]]:
    """Yield every time in a JSON body or a header that may have been taken from the clock.

    It lies in a span of epoch seconds, or, as an expiry does, up to 400 days after it.
    """
    start, end = during[0] - _SLACK_SECONDS, during[1] + _LIFETIME_SECONDS
    for path, value in _scalars(response):
        when = moment(value)
        if when is not None and start <= when <= end:
            yield path, value


def _scalars(response: Response) -> Iterator[tuple[Path, object]]:
    for name in sorted({name.lower() for name, _ in response.headers} - HOP_BY_HOP):
        yield from _inside(meaning(name, response.header_values(name)), (f"header:{name}",))
    if is_json(response):
        try:
            yield from _inside(parse(response.body), ("body:",))
        except (ValueError, RecursionError):
            return


def _inside(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _inside(each, (*path, key))
        case list():
            for each in value:
                yield from _inside(each, (*path, "*"))
        case _:
            yield path, value
