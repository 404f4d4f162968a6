"""The images and the compose file, as far as they can be looked at without Docker."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own
from compose_spec import PyCompose

from cutover.plan import load
from worker_python.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILES = sorted(path.name for path in (ROOT / "deploy" / "docker").glob("*.Dockerfile"))
PASSED_ON = {"PATH_TO_DATABASE", "NAME_DB", "PATH_TO_CSV", "PATH_TO_LOGS"}
HARDENED = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}


@pytest.fixture
def compose(deploy: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((deploy / "compose.yaml").read_text())
    return content


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_linter_has_nothing_to_say(deploy: Path, name: str) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run(
        [linter, deploy / "docker" / name], capture_output=True, text=True, check=False
    )

    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_small_unprivileged_and_watched(deploy: Path, name: str) -> None:
    text = (deploy / "docker" / name).read_text()
    final = text[text.rindex("\nFROM ") :]

    assert text.count("FROM ") == 2
    assert "COPY --from=build" in final
    assert "pip install" not in final
    assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*CMD \[", final, re.MULTILINE)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_an_image_copies_is_there_and_not_ignored(deploy: Path, name: str) -> None:
    text = (deploy / "docker" / name).read_text()
    packages = re.findall(r"--package (\S+)", text)
    copied = re.findall(r"^COPY (?!--from)(\S+) (?!\.$)", text, re.MULTILINE)

    assert packages
    for path in (*(f"{package}/pyproject.toml" for package in packages), *copied):
        assert (ROOT / path).exists(), path
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"*", "!uv.lock", "!pyproject.toml", "!*/pyproject.toml", "!*/src"} <= set(ignored)


def test_the_compose_file_is_one_by_its_specification(compose: dict[str, Any]) -> None:
    parsed = PyCompose.from_json(json.dumps(compose))

    parsed.validate()
    assert parsed.service_names() == list(compose["services"])


def test_every_service_of_ours_is_hardened_and_comes_back(compose: dict[str, Any]) -> None:
    ours = {name: service for name, service in compose["services"].items() if "build" in service}

    assert set(ours) == {"worker-flask", "worker-fastapi", "edge", "controller", "cutover-metrics"}
    for service in ours.values():
        assert HARDENED.items() <= service.items()
        assert service["restart"] in ("on-failure", "always")


def test_what_a_service_refers_to_exists(compose: dict[str, Any], deploy: Path) -> None:
    services, volumes = compose["services"], compose["volumes"]
    for service in services.values():
        if "build" in service:
            build = service["build"]
            assert (deploy / build["context"] / build["dockerfile"]).is_file()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (deploy / source).is_file() if source.startswith(".") else source in volumes
        for other in service.get("depends_on", {}):
            assert other in services
        if "network_mode" in service:
            assert service["network_mode"].removeprefix("service:") in services


def test_every_variable_is_one_that_somebody_reads(compose: dict[str, Any]) -> None:
    known = PASSED_ON | {name.upper() for name in Settings.model_fields}

    for service in compose["services"].values():
        assert set(service.get("environment", {})) <= known


def test_the_plan_names_the_services_and_the_settings_agree(
    compose: dict[str, Any], deploy: Path
) -> None:
    plan = load(deploy / "docker" / "cutover.toml")
    worker = compose["services"]["worker-fastapi"]["environment"]

    assert plan.baseline.address == ("worker-flask", 5000)
    assert plan.candidate.address == ("worker-fastapi", 8000)
    assert plan.candidate.job_id_start == int(worker["JOB_ID_START"])
    assert worker["LEGACY_WORKER_URL"] == "http://worker-flask:5000"


def test_only_the_edge_and_prometheus_are_reached_from_outside(compose: dict[str, Any]) -> None:
    """Envoy's admin port moves the traffic: it stays on the loopback of the edge's network."""
    published = {n: s["ports"] for n, s in compose["services"].items() if "ports" in s}

    assert published == {"edge": ["127.0.0.1:8080:8080"], "prometheus": ["127.0.0.1:9090:9090"]}
    admin = load(ROOT / "deploy" / "docker" / "cutover.toml").edge.admin
    assert admin.startswith("127.0.0.1:")
