"""Both workers get the same requests; the harness judges, syrupy keeps what both answered.

A snapshot holds, for every step on both sides, status, content type and the shape of the body, keys
and types. So a change of either app shows, even one that both make together.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from parity_harness.files.recording import Recording
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Exchange
from parity_harness.pytest_plugin.contract import Contract

FOLDER = Path(__file__).parent
CONTRACT = os.environ.get("CONTRACT", "parity.toml")

pytestmark = [pytest.mark.parity(CONTRACT)]
if CONTRACT != "parity.toml":
    pytestmark.append(pytest.mark.usefixtures("grown_postgres"))

SIDES = ("baseline", "candidate")


def test_the_contract_on_postgresql_is_the_same() -> None:
    local, distributed = (
        tomllib.loads((FOLDER / name).read_text())
        for name in ("parity.toml", "parity-distributed.toml")
    )
    assert local["candidate"].pop("target") != distributed["candidate"].pop("target")
    assert local == distributed


def test_both_workers_agree(parity: Contract, parity_scenario: Scenario) -> None:
    parity.check(parity_scenario)


def test_answers_are_as_they_were(
    parity: Contract, parity_scenario: Scenario, snapshot: SnapshotAssertion
) -> None:
    answers = {side: _shapes(parity.recording(parity_scenario, of=side)) for side in SIDES}

    assert answers == snapshot(extension_class=JSONSnapshotExtension)


def test_probes_without_configuration_find_nothing_undecided(parity: Contract) -> None:
    parity.probe()


def test_no_decision_is_stale_or_expired(parity: Contract) -> None:
    parity.check_decisions()


def _shapes(recording: Recording) -> Mapping[str, object]:
    return {one.exchange.probe.purpose: _shape(one.exchange) for one in recording.exchanges}


def _shape(exchange: Exchange) -> Mapping[str, object]:
    response = exchange.response
    return {
        "request": f"{exchange.probe.method} {exchange.probe.route or exchange.probe.target}",
        "status": response.status,
        "content type": response.header("content-type"),
        "allow": sorted(re.findall(r"\w+", response.header("allow") or "")),
        "body": _types(_json(exchange)),
    }


def _json(exchange: Exchange) -> object:
    response = exchange.response
    if not response.body:
        return "nothing"
    if (response.header("content-type") or "").startswith("application/json"):
        return json.loads(response.body)
    return "a page"


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _types(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_types(item) for item in value]
    return value if value in ("nothing", "a page") else type(value).__name__
