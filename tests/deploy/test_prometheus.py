"""The alert rules: every metric they name is one that is really exposed."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import tomli_w
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

from cutover.envoy import process
from cutover.plan import Plan
from rig import workers
from worker_python.jobs.events import EventKind

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PROMTOOL = shutil.which("promtool")
MADE_BY_PROMETHEUS = {"up"}


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names that a worker, and a cutover with its Envoy, show when asked."""
    folder = tmp_path_factory.mktemp("metrics")
    environment = workers.worker_environment(folder / "none.db", folder)
    with workers.running("fastapi", folder, environment) as worker:
        shown = httpx.get(f"{worker.url}/metrics").text
    return _names(shown) | _names(_cutover_metrics(folder))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_a_rule_is_a_query_over_metrics_that_exist(exposed: set[str], rule: dict[str, Any]) -> None:
    named = _named(rule["expr"])

    assert named
    assert named <= exposed | MADE_BY_PROMETHEUS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_kind_of_event_in_a_rule_exists(rule: dict[str, Any]) -> None:
    kinds = re.findall(r'kind=~?"([^"]+)"', rule["expr"])

    assert {kind for said in kinds for kind in said.split("|")} <= {str(k) for k in EventKind}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_the_runbook_says_what_to_do(rule: dict[str, Any]) -> None:
    assert f"`{rule['alert']}`" in (ROOT / "docs" / "runbook" / "monitor.md").read_text()
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_rules_are_those_that_prometheus_loads() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())

    assert config["rule_files"] == ["alerts.yml"]
    assert {job["job_name"] for job in config["scrape_configs"]} == {"worker", "cutover"}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed here")
@pytest.mark.parametrize(
    "check",
    [
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_own_tool_agrees(check: tuple[str, ...]) -> None:
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, *check], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def _named(expression: str) -> set[str]:
    """Return the metrics of a query; raises ValueError where it is none, types included."""
    found: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector) and part.name:
            found.add(part.name)

    promql_parser.walk(promql_parser.parse(expression), note)
    return found


def _names(exposition: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\S+)", exposition, re.MULTILINE))


def _cutover_metrics(folder: Path) -> str:
    ports = [workers.free_port() for _ in range(4)]
    url = "http://127.0.0.1:{}".format
    address = "127.0.0.1:{}".format
    values = {
        "baseline": {"url": url(ports[0])},
        "candidate": {"url": url(ports[1])},
        "edge": {"listen": address(ports[2]), "admin": address(ports[3])},
        "stage": [{"name": "none", "share": 0}, {"name": "all", "share": 100}],
    }
    plan_file = folder / "plan.toml"
    plan_file.write_text(tomli_w.dumps(values))
    with process.running(Plan.model_validate(values), folder / "envoy"):
        httpx.get(f"{url(ports[2])}/deduper/jobs/1000000")  # nobody is there: a failed connection
        with _served(plan_file, folder) as shown:
            return shown


@contextmanager
def _served(plan_file: Path, folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "cutover", "--plan", str(plan_file), "--state", str(folder)]
    with subprocess.Popen(
        [*command, "metrics", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield httpx.get(server.stdout.readline().strip()).text
        finally:
            server.send_signal(signal.SIGTERM)
