"""Who reads what of the worker's answers, as data; and what a given answer would break."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parents[1] / "end_to_end" / "consumers.toml"
PAGE = Path(__file__).parents[2] / "docs" / "api-consumers.md"


@dataclass(frozen=True, slots=True)
class Consumer:
    """One caller of one endpoint; pointers are JSON Pointers, `*` stands for every item.

    `reads` are the places it looks at; `understands` the words it can do something with there.
    """

    name: str
    call: str
    status: int
    reads: tuple[str, ...]
    how: str
    breaks: str
    understands: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def broken_by(self, status: int, body: object) -> Sequence[str]:
        """Return what of an answer this consumer would stumble over; nothing where it would not."""
        problems = [f"status {status} instead of {self.status}"] if status != self.status else []
        for pointer in self.reads:
            problems += self._problems_at(pointer, body)
        return [f"{self.name}: {problem}" for problem in problems]

    def told(self, pointer: str) -> str:
        """Return a pointer as the page shows it, with the words that are understood there."""
        words = ", ".join(self.understands.get(pointer, ()))
        return f"`{pointer}`" + (f" ({words})" if words else "")

    def _problems_at(self, pointer: str, body: object) -> Iterator[str]:
        try:
            values = set(_at(body, pointer))
        except LookupError:
            yield f"no {pointer}"
            return
        known = self.understands.get(pointer)
        for value in sorted(values.difference(known or values)):
            yield f"{pointer} is {value!r}, it knows {', '.join(known or ())}"


def load(path: Path = DATA) -> tuple[Consumer, ...]:
    """Read the consumers."""
    entries = tomllib.loads(path.read_text())["consumer"]
    return tuple(Consumer(**{**entry, "reads": tuple(entry["reads"])}) for entry in entries)


def page(consumers: Iterable[Consumer]) -> str:
    """Return the Markdown page."""
    lines = [
        "# Who reads what",
        "",
        "Made by `make docs` from `tests/end_to_end/consumers.toml`; `make test-e2e` holds both",
        "workers to it.",
        "How `api/` is pointed at either worker: [api.md](api.md).",
        "",
        "| endpoint | caller | status | fields read | how | without them |",
        "|---|---|---|---|---|---|",
    ]
    for one in consumers:
        reads = " ".join(map(one.told, one.reads))
        cells = (f"`{one.call}`", one.name, str(one.status), reads, one.how, one.breaks)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(load()))
    return 0


def _at(value: object, pointer: str) -> Iterator[str]:
    """Yield the values at a pointer, as text; raises LookupError where there is none."""
    name, _, rest = pointer.removeprefix("/").partition("/")
    if not name:
        yield str(value)
    elif name == "*" and isinstance(value, list):
        for item in value:
            yield from _at(item, rest)
    elif isinstance(value, dict):
        yield from _at(value[name], rest)
    else:
        raise LookupError(pointer)


if __name__ == "__main__":
    sys.exit(main())
