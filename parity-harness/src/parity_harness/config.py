"""What a run is told: parity.toml, as one value that options of the command line may change."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from parity_harness.files import environment
from parity_harness.files.tables import Document, Table, read
from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Probe
from parity_harness.targets.making import Over, Side
from parity_harness.targets.settling import Settle
from parity_harness.targets.spec import Kind, parse

NAME = "parity.toml"

_KEYS = (
    "baseline",
    "candidate",
    "over",
    "budget",
    "seed",
    "timeout",
    "scenarios",
    "decisions",
    "environment",
    "environment_file",
    "zero_configuration",
    "generated",
    "latency_ratio",
    "strictness",
    "ignore",
    "settle",
)
_SIDE_KEYS = ("target", "environment", "environment_file", "reset")
_LEVELS = " or ".join(f'"{each.name.lower()}"' for each in Strictness)


@dataclass(frozen=True, slots=True)
class Config:
    """All that a run can be told.

    `budget` and `timeout` are seconds, the latter for one answer. `zero_configuration` says
    whether probes and sequences are made from the inventory, `generated` how many of them
    Hypothesis makes besides. `latency_ratio` fails routes whose median is that many times the
    baseline's. `strictness` is by route, `ignored` are reasons by route. A run that `is_partial`
    calls no decision stale.
    """

    baseline: Side
    candidate: Side
    over: Over = Over.PROCESS
    budget: float | None = None
    seed: int = 0
    timeout: float = 10.0
    scenarios: tuple[Path, ...] = ()
    decisions: Path | None = None
    zero_configuration: bool = True
    generated: int = 100
    latency_ratio: float | None = None
    strictness: Mapping[str, Strictness] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    is_partial: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both sides, the baseline first."""
        return self.baseline, self.candidate

    @property
    def can_start_afresh(self) -> bool:
        """Whether both sides can be put back to a fresh state: not so what already runs."""
        return Kind.URL not in [side.spec.kind for side in self.sides]


def of_targets(baseline: str, candidate: str, root: Path) -> Config:
    """Return the configuration of two targets; apps are looked for below `root`.

    Raises:
        ConfigurationError: a target is not written in one of the known ways.
    """
    return Config(_side(baseline, root), _side(candidate, root))


def with_targets(config: Config, baseline: str | None, candidate: str | None, root: Path) -> Config:
    """Return a configuration with one or both targets replaced; their environment stays."""

    def changed(side: Side, target: str | None) -> Side:
        return replace(side, spec=_side(target, root).spec) if target else side

    return replace(
        config,
        baseline=changed(config.baseline, baseline),
        candidate=changed(config.candidate, candidate),
    )


def load(path: Path) -> Config:
    """Read a parity.toml; paths in it are relative to its folder.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
        ConfigurationError: a target is not written in one of the known ways.
    """
    document = read(path)
    root = document.root(NAME)
    root.known_only(_KEYS)
    shared, settle = _variables(root), _settle(root)
    return Config(
        baseline=replace(_read_side(root, "baseline", shared), settle=settle),
        candidate=replace(_read_side(root, "candidate", shared), settle=settle),
        over=Over(_one_of(root, "over", tuple(Over)) or Over.PROCESS),
        budget=_number(root, "budget"),
        seed=root.optional("seed", int, example="0") or 0,
        timeout=_number(root, "timeout") or 10.0,
        scenarios=_paths(root, "scenarios"),
        decisions=_path(root, "decisions"),
        zero_configuration=_is_on(root, "zero_configuration"),
        generated=_generated(root),
        latency_ratio=_number(root, "latency_ratio"),
        strictness=dict(_strictness(document)),
        ignored=dict(_ignored(document)),
    )


def _side(target: str, root: Path) -> Side:
    spec = parse(target)
    if spec.is_app:
        spec = replace(spec, folder=root / (spec.folder or "."))
    elif spec.kind is Kind.RECORDING:
        spec = replace(spec, where=str(root / spec.where))
    return Side(spec)


def _read_side(root: Table, key: str, shared: Mapping[str, str]) -> Side:
    value = root.values.get(key)
    folder = root.file.parent
    if isinstance(value, str):
        return replace(_side(value, folder), environment=shared)
    table = root.below(key, f"[{key}]")
    if table is None:
        raise root.complaint(f'{key} is missing; write: {key} = "wsgi:MODULE:ATTR"')
    table.known_only(_SIDE_KEYS)
    side = _side(table.required("target", str, example='"asgi:MODULE:ATTR"'), folder)
    reset = table.optional("reset", str, example='"MODULE:CALLABLE"')
    return replace(side, environment={**shared, **_variables(table)}, reset=reset)


def _settle(root: Table) -> Settle | None:
    table = root.below("settle", "[settle]")
    if table is None:
        return None
    table.known_only(("request", "pointer", "any_of", "within"))
    method, _, target = table.required("request", str, example='"GET /jobs"').partition(" ")
    any_of = table.required("any_of", list, example='["done", "failed"]')
    pointer = table.required("pointer", str, example='"/jobs/*/status"')
    return Settle(Probe(method, target), pointer, tuple(any_of), _number(table, "within") or 10.0)


def _variables(table: Table) -> dict[str, str]:
    """Return variables, with `{here}` (the file's folder) and `{prefix}` (Python's) filled in."""
    file = _path(table, "environment_file")
    written = table.strings("environment", example='{ NAME = "value" }')
    places = {"{here}": str(table.file.parent.resolve()), "{prefix}": sys.prefix}
    for place, meaning in places.items():
        written = {name: value.replace(place, meaning) for name, value in written.items()}
    return {**(environment.load(file) if file else {}), **written}


def _path(table: Table, key: str) -> Path | None:
    name = table.optional(key, str, example=f'"{key}.toml"')
    return table.file.parent / name if name else None


def _paths(table: Table, key: str) -> tuple[Path, ...]:
    value = table.values.get(key, [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise table.complaint(f'{key} are paths; write: {key} = ["{key}.toml"]', at=key)
    return tuple(table.file.parent / name for name in names)


def _number(table: Table, key: str) -> float | None:
    value = table.values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise table.complaint(f"{key} is a number above 0; write: {key} = 10", at=key)
    return float(value)


def _is_on(table: Table, key: str) -> bool:
    value = table.optional(key, bool, example="false")
    return True if value is None else value


def _generated(table: Table) -> int:
    value = table.optional("generated", int, example="100")
    return 100 if value is None else value


def _one_of(table: Table, key: str, known: tuple[str, ...]) -> str | None:
    value = table.optional(key, str, example=f'"{known[0]}"')
    if value is not None and value not in known:
        choices = " or ".join(f'"{each}"' for each in known)
        raise table.complaint(f"{key} is {choices}, not {value!r}", at=key)
    return value


def _strictness(document: Document) -> list[tuple[str, Strictness]]:
    levels = {each.name.lower(): each for each in Strictness}
    found = []
    for table in document.tables("strictness", document.values.get("strictness", [])):
        table.known_only(("route", "level"))
        level = table.required("level", str, example='"types"')
        if level not in levels:
            raise table.complaint(f"level is {_LEVELS}", at="level")
        found.append((table.required("route", str, example='"/jobs"'), levels[level]))
    return found


def _ignored(document: Document) -> list[tuple[str, str]]:
    found = []
    for table in document.tables("ignore", document.values.get("ignore", [])):
        table.known_only(("route", "reason"))
        reason = table.required("reason", str, example='"why nobody needs it to agree"')
        found.append((table.required("route", str, example='"/metrics"'), reason))
    return found
