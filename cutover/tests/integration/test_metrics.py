"""`cutover metrics` and `cutover config`: the ledger, the gates and Envoy, for other programs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cutover.cli import main
from cutover.controller import Controller
from cutover.envoy import process
from cutover.envoy.admin import Admin
from cutover.ledger import Ledger
from cutover.plan import Plan
from cutover.state import Move


@pytest.fixture(name="url")
def _url(plan_file: Path, tmp_path: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "cutover", "--plan", str(plan_file), "--state", str(tmp_path)]
    with subprocess.Popen(
        [*command, "metrics", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0


def test_the_position_the_gates_and_envoys_counters_are_shown(
    url: str, plan: Plan, tmp_path: Path
) -> None:
    with process.running(plan, tmp_path / "envoy"):
        controller = Controller(plan, Ledger(tmp_path), Admin(plan.edge.admin), lambda: True)
        for move in (Move.START, Move.PROMOTE):
            controller.move(move, by="test", reason="because")
        controller.ledger.append(
            "reading", gate="errors", metric="http_5xx_share", value=0.5, samples=9, limit=0.05
        )
        httpx.get(f"http://{plan.edge.listen}/deduper/jobs/1000000")

        shown = httpx.get(url).text

    for line in (
        'cutover_phase{phase="running"} 1.0',
        'cutover_phase{phase="aborted"} 0.0',
        "cutover_stage 1.0",
        'cutover_share_percent{of="creates"} 50.0',
        'cutover_share_percent{of="legacy_ids"} 0.0',
        'cutover_gate_value{gate="errors",metric="http_5xx_share"} 0.5',
        'cutover_gate_limit{gate="errors",metric="http_5xx_share"} 0.05',
        'cutover_gate_failed{gate="errors",metric="http_5xx_share"} 1.0',
    ):
        assert line in shown.splitlines()
    assert 'envoy_cluster_upstream_cx_connect_fail_total{envoy_cluster_name="candidate"}' in shown


def test_without_envoy_the_rest_is_shown(url: str) -> None:
    shown = httpx.get(url).text

    assert 'cutover_phase{phase="idle"} 1.0' in shown
    assert "cutover_share_percent{" not in shown
    assert "envoy_" not in shown


def test_the_configuration_is_one_that_envoy_takes(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Ledger(tmp_path).append("applied", creates=10, shared=100, legacy_ids=0)

    code = main(["--plan", str(plan_file), "--state", str(tmp_path), "config"])

    printed = capsys.readouterr().out
    assert code == 0
    runtime = json.loads(printed)["layered_runtime"]["layers"][0]["static_layer"]
    assert runtime["cutover.creates.candidate"] == 10
    assert '"path": "/dev/stdout"' in printed
    config = tmp_path / "envoy.json"
    config.write_text(printed)
    checked = subprocess.run(
        [process.binary(), "--mode", "validate", "-c", config], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr.decode()


def test_workers_may_be_named_by_host(
    plan_file: Path, plan_text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_file.write_text(plan_text.replace("http://127.0.0.1", "http://worker.example"))

    main(["--plan", str(plan_file), "--state", str(tmp_path), "config"])

    clusters = json.loads(capsys.readouterr().out)["static_resources"]["clusters"]
    assert [cluster["type"] for cluster in clusters] == ["STRICT_DNS", "STRICT_DNS"]
