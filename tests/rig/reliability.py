"""docs/reliability.md: a section an engine, each written by its own run of `make chaos`."""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = """\
# Reliability

Written by `make chaos` and `make chaos ENGINE=distributed`, each its own section. A run fails where
a figure that says 0 would not.
"""
_ENGINES = ("local", "distributed")


def write(page: Path, engine: str, text: str) -> None:
    """Put a section in its place on the page; the others stay as they are."""
    sections = _sections(page.read_text(encoding="utf-8") if page.exists() else "")
    sections[engine] = text.strip()
    known = [f"\n{_title(name)}\n\n{sections[name]}\n" for name in _ENGINES if name in sections]
    page.write_text(_HEAD + "".join(known), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    found = re.split(r"^## The (\w+) engine$", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() for name, body in zip(found[::2], found[1::2], strict=True)}


def _title(engine: str) -> str:
    return f"## The {engine} engine"
