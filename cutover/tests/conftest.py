"""A plan on free ports, small enough to be read at a glance."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from cutover.plan import Plan, load

PLAN = """
[baseline]
url = "http://127.0.0.1:{baseline}"

[candidate]
url = "http://127.0.0.1:{candidate}"

[edge]
listen = "127.0.0.1:{listen}"
admin = "127.0.0.1:{admin}"

[gates.errors]
metric = "http_5xx_share"
limit = 0.05
interval_seconds = 1
count = 2
minimum_samples = 5

[[stage]]
name = "legacy"
share = 0

[[stage]]
name = "half"
share = 50
gates = ["errors"]

[[stage]]
name = "all"
share = 100
gates = ["errors"]
"""


@pytest.fixture(name="free_port")
def _free_port() -> Callable[[], int]:
    def take() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return take


@pytest.fixture(name="plan_text")
def _plan_text(free_port: Callable[[], int]) -> str:
    names = ("baseline", "candidate", "listen", "admin")
    return PLAN.format(**{name: free_port() for name in names})


@pytest.fixture(name="plan_file")
def _plan_file(tmp_path: Path, plan_text: str) -> Path:
    file = tmp_path / "cutover.toml"
    file.write_text(plan_text)
    return file


@pytest.fixture(name="plan")
def _plan(plan_file: Path) -> Plan:
    return load(plan_file)
