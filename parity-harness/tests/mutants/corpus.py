"""The mutants: migration mistakes, each a small declared change to a port that was equal."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
APPS = HERE.parent / "apps"
CURES = ("flask_ways", "flask_answers", "flask_reading")
TWINS = ("crud", "files", "members", "ledger")
WORKER = HERE.parents[2] / "worker-python"


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
    return tuple(mutant for twin in (*TWINS, "worker") for mutant in _of_twin(twin))


def plant(mutant: Mutant, folder: Path) -> str:
    """Write the mutated port into `folder`; returns it as a target.

    Raises:
        CorpusError: a change does not occur exactly once.
    """
    return _plant_worker(mutant, folder) if mutant.twin == "worker" else _plant_toy(mutant, folder)


def _plant_toy(mutant: Mutant, folder: Path) -> str:
    """Give every copied module a name of its own: mutants and the port live in one process."""
    port = f"{mutant.twin}_fastapi"
    suffix = "__" + mutant.name.replace("-", "_")
    for module in (port, *CURES):
        text = (APPS / f"{module}.py").read_text(encoding="utf-8")
        if module == mutant.file:
            text = _changed(text, mutant)
        text = re.sub(rf"from ({'|'.join(CURES)}) import", rf"from \g<1>{suffix} import", text)
        (folder / f"{module}{suffix}.py").write_text(text, encoding="utf-8")
    return f"asgi:{folder}/{port}{suffix}:create_app()"


def _plant_worker(mutant: Mutant, folder: Path) -> str:
    package = folder / mutant.name / "worker_python"
    shutil.copytree(
        WORKER / "src" / "worker_python",
        package,
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    module = package / f"{mutant.file}.py"
    module.write_text(_changed(module.read_text(encoding="utf-8"), mutant), encoding="utf-8")
    return f"asgi:{package.parent}/worker_python.app:create_app()"


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
