"""A syrupy extension that keeps recordings: what is volatile stands there as its form.

def test_answers(parity, parity_scenario, snapshot):
recording = parity.recording(parity_scenario)
assert recording == snapshot(extension_class=RecordingExtension)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from parity_harness.compare.rules import HOP_BY_HOP, NO_ROUTE, segments
from parity_harness.files.recording import Recording, dumps
from parity_harness.model.exchange import Exchange, Response
from parity_harness.model.verdict import NoiseRule


class RecordingExtension(SingleFileSnapshotExtension):
    """One readable JSON file a snapshot, equal from run to run."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"

    def serialize(self, data: Recording, **_: Any) -> str:  # noqa: ANN401  (syrupy's own options)
        """Return a recording as text, without what no two runs share."""
        return dumps(stable(data))


def stable(recording: Recording) -> Recording:
    """Return a recording with noise replaced by its form, and nothing of time or connection."""
    asked = {
        (scenario.name, number): step.probe
        for scenario in recording.scenarios
        for number, step in enumerate(scenario.steps)
    }
    exchanges = tuple(
        replace(
            each,
            exchange=replace(
                _stable(each.exchange, recording.noise),
                probe=asked.get((each.scenario, each.step), each.exchange.probe),
            ),
        )
        for each in recording.exchanges
    )
    return replace(recording, exchanges=exchanges, scenarios=(), noise=())


def _stable(exchange: Exchange, noise: Iterable[NoiseRule]) -> Exchange:
    probe = exchange.probe
    place = (probe.method, probe.route or NO_ROUTE)
    rules = [each for each in noise if (each.method, each.route) == place]
    response = replace(
        exchange.response,
        seconds=0.0,
        chunks=(),
        headers=tuple(
            (name, _header(name, value, rules))
            for name, value in exchange.response.headers
            if name.lower() not in HOP_BY_HOP
        ),
    )
    return replace(exchange, response=_with_forms(response, rules))


def _header(name: str, value: str, rules: Iterable[NoiseRule]) -> str:
    place = f"header:{name.lower()}"
    return next((f"⟨{each.form}⟩" for each in rules if segments(each.path)[0] == place), value)


def _with_forms(response: Response, rules: Iterable[NoiseRule]) -> Response:
    places = [(segments(each.path), each.form) for each in rules]
    in_body = [(path[1:], form) for path, form in places if path[0] == "body:"]
    if not in_body:
        return response
    try:
        value = json.loads(response.body)
    except ValueError:
        return response
    for path, form in in_body:
        value = _put(value, path, f"⟨{form}⟩")
    return replace(response, body=json.dumps(value, ensure_ascii=False).encode())


def _put(value: Any, path: tuple[str, ...], form: str) -> Any:  # noqa: ANN401  (the JSON edge)
    if not path:
        return form
    head, *rest = path
    if isinstance(value, list) and (head == "*" or head.isdigit()):
        places = range(len(value)) if head == "*" else [int(head)]
        for index in places:
            if index < len(value):
                value[index] = _put(value[index], tuple(rest), form)
    elif isinstance(value, dict) and head in value:
        value[head] = _put(value[head], tuple(rest), form)
    return value
