"""A page for each trap, in Markdown."""

from __future__ import annotations

from pathlib import Path

from parity_harness.discovery.traps.catalogue import CATALOGUE, Trap


def page(trap: Trap) -> str:
    """Return a trap's page."""
    return f"# {trap.id}: {trap.title}\n"


def write_pages(folder: Path) -> tuple[Path, ...]:
    """Write a page for each trap and an index; return the paths, the index first."""
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(folder / f"{identifier}.md" for identifier in CATALOGUE)
