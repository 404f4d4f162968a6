"""The example is a plan, and shows everything a plan can say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cutover.cli import main
from cutover.plan import Edge, Gate, Metric, load

EXAMPLE = Path(__file__).parents[2] / "cutover.example.toml"


def test_the_command_explains_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plan", str(EXAMPLE), "plan"]) == 0

    told = capsys.readouterr().out
    assert "100 %  everything to the FastAPI worker" in told
    assert "errors: http_5xx_share ≤ 0.01, read every 60 s, 10 times" in told


def test_it_shows_every_metric_and_every_key() -> None:
    plan = load(EXAMPLE)
    said = tomllib.loads(EXAMPLE.read_text())

    assert {gate.metric for gate in plan.gates.values()} == set(Metric)
    assert set(said["edge"]) == set(Edge.model_fields)
    assert {key for gate in said["gates"].values() for key in gate} == set(Gate.model_fields)
    assert "# harness = [" in EXAMPLE.read_text()
