"""Recordings: exchanges of the baseline on disk, so that the contract outlives it.

One JSON document. Bodies that are text stand as text, others in base64, so that a reviewer can
read the file and a byte never changes on the way through it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from parity_harness.errors import ContractFileError
from parity_harness.model.contract import Eventually, Scenario, Step
from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Effect, Exchange, Probe, Response
from parity_harness.model.verdict import NoiseRule

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange, with the scenario and the position it had there."""

    scenario: str
    step: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Recording:
    """All exchanges of one run. `seed` made the probes; `baseline` names who answered.

    `scenarios` are what was performed, with the places of values that each side makes itself;
    `noise` is what the baseline did not repeat.
    """

    baseline: str
    seed: int
    exchanges: tuple[Recorded, ...]
    scenarios: tuple[Scenario, ...] = ()
    noise: tuple[NoiseRule, ...] = ()


def save(path: Path, recording: Recording) -> None:
    """Write a recording, readable and stable from run to run."""
    path.write_text(dumps(recording), encoding="utf-8")


def dumps(recording: Recording) -> str:
    """Return a recording as the text of its file."""
    document = {
        "format": FORMAT,
        "baseline": recording.baseline,
        "seed": recording.seed,
        "noise": [asdict(rule) for rule in recording.noise],
        "scenarios": [_scenario_written(scenario) for scenario in recording.scenarios],
        "exchanges": [_written(recorded) for recorded in recording.exchanges],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def load(path: Path) -> Recording:
    """Read a recording.

    Raises:
        ContractFileError: the file is missing, is not JSON, or was not written by `parity record`.
    """
    try:
        document = json.loads(path.read_text())
        if document["format"] != FORMAT:
            raise ContractFileError(
                f"{path} has format {document['format']}, this version reads {FORMAT}: record anew"
            )
        exchanges = tuple(_read(entry) for entry in document["exchanges"])
        return Recording(
            document["baseline"],
            document["seed"],
            exchanges,
            tuple(_scenario_read(entry) for entry in document.get("scenarios", [])),
            tuple(NoiseRule(**entry) for entry in document.get("noise", [])),
        )
    except OSError as error:
        raise ContractFileError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ContractFileError(f"{path} is not a recording: {error!r}") from error


def _scenario_written(scenario: Scenario) -> Mapping[str, Any]:
    steps = [{**asdict(step), "probe": _probe_written(step.probe)} for step in scenario.steps]
    return {**asdict(scenario), "steps": steps}


def _scenario_read(entry: Mapping[str, Any]) -> Scenario:
    steps = tuple(_step_read(step) for step in entry["steps"])
    level = Strictness(entry["strictness"])
    return Scenario(
        **{**entry, "steps": steps, "strictness": level, "effects": tuple(entry["effects"])}
    )


def _step_read(entry: Mapping[str, Any]) -> Step:
    limits = entry["eventually"]
    eventually = limits and Eventually(**{**limits, "any_of": tuple(limits["any_of"])})
    level = None if entry["strictness"] is None else Strictness(entry["strictness"])
    return Step(_probe_read(entry["probe"]), entry["captures"], eventually, level)


def _written(recorded: Recorded) -> Mapping[str, Any]:
    exchange = recorded.exchange
    return {
        "scenario": recorded.scenario,
        "step": recorded.step,
        "probe": _probe_written(exchange.probe),
        "response": {**asdict(exchange.response), "body": _as_text(exchange.response.body)},
        "effects": [asdict(effect) for effect in exchange.effects],
    }


def _read(entry: Mapping[str, Any]) -> Recorded:
    response = entry["response"]
    exchange = Exchange(
        _probe_read(entry["probe"]),
        Response(
            **{
                **response,
                "headers": _pairs(response),
                "body": _as_bytes(response["body"]),
                "chunks": tuple(response["chunks"]),
            }
        ),
        tuple(Effect(**effect) for effect in entry["effects"]),
    )
    return Recorded(entry["scenario"], entry["step"], exchange)


def _probe_written(probe: Probe) -> Mapping[str, Any]:
    return {**asdict(probe), "body": _as_text(probe.body)}


def _probe_read(entry: Mapping[str, Any]) -> Probe:
    return Probe(**{**entry, "headers": _pairs(entry), "body": _as_bytes(entry["body"])})


def _pairs(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def _as_text(body: bytes) -> Mapping[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _as_bytes(body: Mapping[str, str]) -> bytes:
    return base64.b64decode(body["base64"]) if "base64" in body else body["text"].encode()
