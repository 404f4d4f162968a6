"""Who reads what of the worker's answers, as data; and what a given answer would break."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[1] / "end_to_end" / "consumers.toml"
PAGE = Path(__file__).parents[2] / "docs" / "api-consumers.md"


@dataclass(frozen=True, slots=True)
class Consumer:
    """One caller of one endpoint; `reads` are JSON Pointers, `*` stands for every item."""

    name: str
    call: str
    status: int
    reads: tuple[str, ...]
    how: str
    breaks: str

    def broken_by(self, status: int, body: object) -> Sequence[str]:
        """Return what of an answer this consumer would stumble over; nothing where it would not."""
        wrong_status = (
            [f"status {status} instead of {self.status}"] if status != self.status else []
        )
        missing = [f"no {pointer}" for pointer in self.reads if not _holds(body, pointer)]
        return [f"{self.name}: {problem}" for problem in [*wrong_status, *missing]]


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
        reads = " ".join(f"`{pointer}`" for pointer in one.reads)
        cells = (f"`{one.call}`", one.name, str(one.status), reads, one.how, one.breaks)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(load()))
    return 0


def _holds(value: object, pointer: str) -> bool:
    if pointer in ("", "/"):
        return True
    name, _, rest = pointer.removeprefix("/").partition("/")
    deeper = f"/{rest}" if rest else ""
    if name == "*":
        return isinstance(value, list) and all(_holds(item, deeper) for item in value)
    return isinstance(value, dict) and name in value and _holds(value[name], deeper)


if __name__ == "__main__":
    sys.exit(main())
