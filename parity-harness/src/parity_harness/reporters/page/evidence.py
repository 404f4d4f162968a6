"""Two exchanges as two panes of lines, with the lines that differ marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from parity_harness.compare.json_tokens import parse, plain
from parity_harness.compare.rules import HOP_BY_HOP
from parity_harness.model.exchange import Evidence, Exchange, Response

_MOST_LINES = 120
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pane; `differs` where the other side has no such line."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Panes:
    """A request, and both answers to it line by line."""

    request: str
    baseline: tuple[Line, ...]
    candidate: tuple[Line, ...]


def panes(evidence: Evidence) -> Panes:
    """Return what a reader lays side by side: status, headers, then the body, long ones cut."""
    one, two = _lines(evidence.baseline.response), _lines(evidence.candidate.response)
    left, right = [True] * len(one), [True] * len(two)
    for start, other, size in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks():
        left[start : start + size] = right[other : other + size] = [False] * size
    return Panes(_request(evidence.baseline), _marked(one, left), _marked(two, right))


def _marked(lines: Sequence[str], differs: Sequence[bool]) -> tuple[Line, ...]:
    return tuple(Line(*each) for each in zip(lines, differs, strict=True))


def _request(exchange: Exchange) -> str:
    probe = exchange.probe
    headers = [f"{name}: {value}" for name, value in probe.headers]
    body = [probe.body.decode(errors="backslashreplace")] if probe.body else []
    return "\n".join([f"{probe.method} {probe.target}", *headers, *body])[:2000]


def _lines(response: Response) -> list[str]:
    if response.failure is not None:
        return [f"no answer: {response.failure}"[:_LONGEST_LINE]]
    headers = sorted(
        f"{name.lower()}: {value}"
        for name, value in response.headers
        if name.lower() not in HOP_BY_HOP
    )
    body = _body(response)
    cut = [f"… {len(body) - _MOST_LINES} more lines"] if len(body) > _MOST_LINES else []
    lines = [str(response.status), *headers, "", *body[:_MOST_LINES], *cut]
    if not response.complete:
        lines.append("… and the body ended early")
    return [_cut(each) for each in lines]


def _body(response: Response) -> list[str]:
    """Show JSON indented; an exact one that is no plain JSON, and all else, as it came."""
    try:
        value = plain(parse(response.body))
        return json.dumps(value, indent=2, ensure_ascii=False).splitlines()
    except (ValueError, RecursionError):
        return _text(response.body)


def _text(body: bytes) -> list[str]:
    try:
        return body.decode().splitlines()
    except UnicodeDecodeError:
        shown = [body[at : at + 16].hex(" ") for at in range(0, min(len(body), 256), 16)]
        return [f"{len(body)} bytes", *shown]


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"
