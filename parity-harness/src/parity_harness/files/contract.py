"""Reads scenarios from TOML: requests in order, from a fresh state."""

from __future__ import annotations

from pathlib import Path

from parity_harness.files.requests import probe
from parity_harness.files.tables import Document, Table, read
from parity_harness.model.contract import Eventually, Scenario, Step
from parity_harness.model.divergence import Strictness

_SCENARIO = ("name", "environment", "effects", "strictness", "step")
_STEP = (
    "request",
    "route",
    "purpose",
    "headers",
    "json",
    "body",
    "body_base64",
    "form",
    "capture",
    "eventually",
    "strictness",
)
_EVENTUALLY = ("pointer", "any_of", "within", "every")
_LEVELS = " or ".join(f'"{each.name.lower()}"' for each in Strictness)


def load(path: Path) -> tuple[Scenario, ...]:
    """Return the scenarios of a contract file, in order.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
    """
    document = read(path)
    document.root("a contract file").known_only(["scenario"])
    tables = document.tables("scenario", document.values.get("scenario", []))
    scenarios = tuple(_scenario(document, each) for each in tables)
    _each_name_once(scenarios, tables)
    return scenarios


def _scenario(document: Document, table: Table) -> Scenario:
    table.known_only(_SCENARIO)
    name = table.required("name", str, example='"a job is cancelled"')
    steps = document.tables("scenario.step", table.values.get("step", []), after=table.line)
    if not steps:
        raise table.complaint(f"scenario {name!r} has no step; write: [[scenario.step]]")
    return Scenario(
        name=name,
        steps=tuple(_step(each, f"{name} #{number}") for number, each in enumerate(steps, 1)),
        environment=table.strings("environment", example='{ NAME = "value" }'),
        strictness=_strictness(table) or Strictness.VALUES,
        effects=_effects(table),
    )


def _step(table: Table, purpose: str) -> Step:
    table.known_only(_STEP)
    return Step(
        probe=probe(table, purpose),
        captures=_captures(table),
        eventually=_eventually(table),
        strictness=_strictness(table),
    )


def _captures(table: Table) -> dict[str, str]:
    captures = table.strings("capture", example='{ id = "/jobId" }')
    for name, pointer in captures.items():
        if not pointer.startswith(("/", "header:")):
            raise table.complaint(
                f'capture {name} must be a JSON Pointer or a header; write: "/{pointer}"'
                f' or "header:{pointer}"',
                at="capture",
            )
    return captures


def _eventually(table: Table) -> Eventually | None:
    wait = table.below("eventually", "eventually")
    if wait is None:
        return None
    wait.known_only(_EVENTUALLY)
    return Eventually(
        pointer=wait.required("pointer", str, example='"/status"'),
        any_of=tuple(wait.required("any_of", list, example='["completed", "failed"]')),
        within_seconds=_seconds(wait, "within", 10.0),
        every_seconds=_seconds(wait, "every", 0.05),
    )


def _seconds(table: Table, key: str, default: float) -> float:
    value = table.values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise table.complaint(f"{key} must be seconds above 0; write: {key} = {default}", at=key)
    return float(value)


def _strictness(table: Table) -> Strictness | None:
    text = table.optional("strictness", str, example=_LEVELS)
    if text is None:
        return None
    try:
        return Strictness[text.upper()]
    except KeyError:
        raise table.complaint(
            f"strictness cannot be {text!r}; write: {_LEVELS}", at="strictness"
        ) from None


def _effects(table: Table) -> tuple[str, ...]:
    effects = table.optional("effects", list, example='["processes"]') or []
    for each in effects:
        if not isinstance(each, str):
            raise table.complaint('effects must be texts; write: ["processes"]', at="effects")
    return tuple(effects)


def _each_name_once(scenarios: tuple[Scenario, ...], tables: tuple[Table, ...]) -> None:
    seen: set[str] = set()
    for scenario, table in zip(scenarios, tables, strict=True):
        if scenario.name in seen:
            raise table.complaint(
                f"two scenarios are called {scenario.name!r}; give each a name of its own",
                at="name",
            )
        seen.add(scenario.name)
