"""The page of agreed differences: decisions the harness judges by, and departures it cannot see."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "worker-python/tests/contracts"
PAGE = ROOT / "docs" / "compatibility-decisions.md"

Entries = Sequence[Mapping[str, Any]]


def page() -> str:
    """Return the Markdown page."""
    decisions: Entries = _read("decisions.toml")["decision"]
    departures: Entries = _read("departures.toml")["departure"]
    lines = [
        "# Where the new worker differs from the Flask worker, on purpose",
        "",
        "Made by `make docs`. Everything else is compared, value by value, by",
        "`make test-contract`.",
        "",
        "## What the harness sees, and what was decided",
        "",
        "From `worker-python/tests/contracts/decisions.toml`. A decision that matches nothing any",
        "more, or is past its day, fails the contract.",
        "",
        *_table(
            ("what", "disposition", "why, and who notices", "owner", "until"), _decided(decisions)
        ),
        "",
        "## What no single exchange shows",
        "",
        "From `worker-python/tests/contracts/departures.toml`: behaviour over time, limits,",
        "the server.",
        "",
        *_table(
            ("", "where", "Flask worker", "new worker", "why", "who notices"), _departed(departures)
        ),
        "",
        "An id of more than 4,300 digits is no difference: a 404 page in both. Python converts no",
        "longer ones, and Werkzeug 3.1.9 takes that for no match; older ones answered 500.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((CONTRACTS / name).read_text())


def _decided(decisions: Entries) -> Iterable[Sequence[str]]:
    for one in decisions:
        what = ", ".join(f"{key} `{value}`" for key, value in one["select"].items())
        yield what, one["disposition"], one["reason"], one["owner"], str(one["expires"])


def _departed(departures: Entries) -> Iterable[Sequence[str]]:
    for one in departures:
        keys = ("name", "where", "flask", "fastapi", "why", "noticed_by")
        yield [one[key] for key in keys]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    sys.exit(main())
