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
from parity_harness.model.exchange import Effect, Exchange, Probe, Response

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange, with the scenario and the position it had there."""

    scenario: str
    step: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Recording:
    """All exchanges of one run. `seed` made the probes; `baseline` names who answered."""

    baseline: str
    seed: int
    exchanges: tuple[Recorded, ...]


def save(path: Path, recording: Recording) -> None:
    """Write a recording, readable and stable from run to run."""
    document = {
        "format": FORMAT,
        "baseline": recording.baseline,
        "seed": recording.seed,
        "exchanges": [_written(recorded) for recorded in recording.exchanges],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


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
        return Recording(document["baseline"], document["seed"], exchanges)
    except OSError as error:
        raise ContractFileError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ContractFileError(f"{path} is not a recording: {error!r}") from error


def _written(recorded: Recorded) -> Mapping[str, Any]:
    exchange = recorded.exchange
    return {
        "scenario": recorded.scenario,
        "step": recorded.step,
        "probe": {**asdict(exchange.probe), "body": _as_text(exchange.probe.body)},
        "response": {**asdict(exchange.response), "body": _as_text(exchange.response.body)},
        "effects": [asdict(effect) for effect in exchange.effects],
    }


def _read(entry: Mapping[str, Any]) -> Recorded:
    probe, response = entry["probe"], entry["response"]
    exchange = Exchange(
        Probe(**{**probe, "headers": _pairs(probe), "body": _as_bytes(probe["body"])}),
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


def _pairs(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def _as_text(body: bytes) -> Mapping[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _as_bytes(body: Mapping[str, str]) -> bytes:
    return base64.b64decode(body["base64"]) if "base64" in body else body["text"].encode()
