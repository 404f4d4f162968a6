"""The stories of the sample, as told by two newspapers each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FITTING, MEASURING = "fitting", "measuring"
FILES: Mapping[str, str] = {FITTING: "stories-1.toml", MEASURING: "stories-2.toml"}


@dataclass(frozen=True, slots=True)
class Story:
    """One invented event.

    `part` says whether it fits the scores' scale or measures them: never both. Two stories of
    one `kind` tell of different events, which must not be taken for duplicates.
    """

    part: str
    kind: str
    state: str
    headline: str
    told: str
    retold_headline: str
    retold: str


def load_stories() -> list[Story]:
    """Return all stories, in the order of their files."""
    folder = Path(__file__).parent
    return [
        Story(part=part, kind=kind["name"], **event)
        for part, name in FILES.items()
        for kind in tomllib.loads((folder / name).read_text(encoding="utf-8"))["kind"]
        for event in kind["event"]
    ]
