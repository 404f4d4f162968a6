"""The catalogue: one TOML file a trap, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Probe


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap: what either framework does, why, how a client sees it, and the cure.

    `baseline`, `candidate` and `cure` are whole small apps, each with an `app`: in Flask, ported
    straightforwardly to FastAPI, and cured. `requests` show the difference at `strictness`;
    `mode` says that they need a real server (`network`) or each other (`concurrent`); `requires`
    are modules the apps need besides FastAPI.
    """

    id: str
    title: str
    flask: str
    fastapi: str
    why: str
    client_view: str
    cure: str
    baseline: str
    candidate: str
    requests: tuple[Probe, ...]
    strictness: Strictness = Strictness.VALUES
    mode: str = ""
    requires: tuple[str, ...] = ()


def _read() -> dict[str, Trap]:
    folder = files(__package__).joinpath("cases")
    found = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    return {
        trap.id: trap
        for entry in found
        if entry.name.endswith(".toml")
        for trap in [
            _trap(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text("utf-8")))
        ]
    }


def _trap(identifier: str, data: dict[str, Any]) -> Trap:
    texts = ("title", "flask", "fastapi", "why", "client_view", "cure", "baseline", "candidate")
    return Trap(
        id=identifier,
        **{name: data[name] for name in texts},
        requests=tuple(_probe(each) for each in data["requests"]),
        strictness=Strictness[data.get("strictness", "values").upper()],
        mode=data.get("mode", ""),
        requires=tuple(data.get("requires", ())),
    )


def _probe(data: dict[str, Any]) -> Probe:
    return Probe(
        method=data["method"],
        target=data["target"],
        headers=tuple(data.get("headers", {}).items()),
        body=data.get("body", "").encode("latin-1"),  # so that TOML can hold any byte
        route=data.get("route"),
        purpose=data.get("purpose", "example"),
    )


CATALOGUE: Mapping[str, Trap] = _read()
