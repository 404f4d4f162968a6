"""The mutants: migration mistakes, each a small declared change to a port that was equal."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
APPS = HERE.parent / "apps"
CURES = ("flask_ways", "flask_answers", "flask_reading")
TWINS = ("crud", "files", "members", "ledger")


class CorpusError(Exception):
    """A mutant no longer fits the twin it was written for."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: in module `file`, each `old` of `changes` occurs once and becomes its `new`.

    `strictness` is the least at which a client can see it: `values`, the default of every run, for
    all but a few.
    """

    twin: str
    name: str
    what: str
    file: str
    changes: tuple[tuple[str, str], ...]
    strictness: str = "values"

    @property
    def id(self) -> str:
        """Name it among all twins."""
        return f"{self.twin}/{self.name}"


def load() -> tuple[Mutant, ...]:
    """Read all mutants, in the order of the files."""
    return tuple(mutant for twin in TWINS for mutant in _of_twin(twin))


def plant(mutant: Mutant, folder: Path) -> str:
    """Write the mutated port and its cures into `folder`; returns the name of its module.

    Every copied module gets a name of its own, so that mutants and the equal port live in one
    process. Raises CorpusError where a change does not occur exactly once.
    """
    port = f"{mutant.twin}_fastapi"
    suffix = "__" + mutant.name.replace("-", "_")
    for module in (port, *CURES):
        text = (APPS / f"{module}.py").read_text(encoding="utf-8")
        if module == mutant.file:
            text = _changed(text, mutant)
        text = re.sub(rf"from ({'|'.join(CURES)}) import", rf"from \g<1>{suffix} import", text)
        (folder / f"{module}{suffix}.py").write_text(text, encoding="utf-8")
    return port + suffix


def _of_twin(twin: str) -> Iterable[Mutant]:
    table = tomllib.loads((HERE / f"{twin}.toml").read_text(encoding="utf-8"))
    return (_mutant(table["twin"], entry) for entry in table["mutant"])


def _mutant(twin: str, entry: Mapping[str, object]) -> Mutant:
    also = entry.get("and", [])
    if not isinstance(also, list):
        raise CorpusError(f"{twin}/{entry['id']}: `and` is a list of [old, new] pairs")
    return Mutant(
        twin=twin,
        name=str(entry["id"]),
        what=str(entry["what"]),
        file=str(entry.get("file", f"{twin}_fastapi")),
        changes=((str(entry["old"]), str(entry["new"])), *((old, new) for old, new in also)),
        strictness=str(entry.get("strictness", "values")),
    )


def _changed(text: str, mutant: Mutant) -> str:
    for old, new in mutant.changes:
        if text.count(old) != 1:
            raise CorpusError(f"{mutant.id}: found {text.count(old)} times, must be once: {old!r}")
        text = text.replace(old, new)
    return text
