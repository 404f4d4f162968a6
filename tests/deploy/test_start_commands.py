"""The lines that start the workers, run: one port, one worker after the other, and back."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rig.workers import free_port

ROOT = Path(__file__).parents[2]
WORKERS = ("flask", "fastapi")
ECOSYSTEM = "deploy/pm2/ecosystem.config.js"
SWITCHES = {
    "systemd/worker-{one}.service": (
        "systemctl disable --now worker-{other} && systemctl enable --now worker-{one}"
    ),
    "pm2/ecosystem.config.js": (
        "pm2 delete worker-{other} && "
        f"WORKER_PORT=5000 pm2 start {ECOSYSTEM} --only worker-{{one}}"
    ),
}
Running = Callable[..., AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A program as a process manager starts it."""

    argv: Sequence[str]
    environment: Mapping[str, str]


@pytest.mark.parametrize("worker", WORKERS)
def test_the_line_of_systemd_starts_the_worker(
    running: Running, deploy: Path, tmp_path: Path, worker: str
) -> None:
    command = _of_systemd(deploy / "systemd" / f"worker-{worker}.service")
    port = free_port()
    argv = [word.replace("${PORT}", str(port)) for word in command.argv]

    with running(argv, _environment(command, tmp_path) | {"PORT": str(port)}, port):
        assert _kind(port) == worker


@pytest.mark.parametrize("worker", WORKERS)
def test_the_line_of_the_image_starts_the_worker(
    running: Running, deploy: Path, tmp_path: Path, worker: str
) -> None:
    command = _of_image(deploy / "docker" / f"worker-{worker}.Dockerfile")
    usual = "8000" if worker == "fastapi" else "5000"
    port = free_port()
    argv = [str(port) if word == usual else word for word in command.argv]

    with running(argv, _environment(command, tmp_path) | {"PORT": str(port)}, port):
        assert _kind(port) == worker


@pytest.mark.parametrize("file", SWITCHES)
@pytest.mark.parametrize(("one", "other"), [WORKERS, WORKERS[::-1]])
def test_the_switch_is_one_documented_line(deploy: Path, file: str, one: str, other: str) -> None:
    said = SWITCHES[file].format(one=one, other=other)

    assert said in (deploy / file.format(one=one)).read_text()
    assert said in (ROOT / "docs" / "runbook" / "deploy.md").read_text()


def _of_systemd(unit: Path) -> Command:
    lines = configparser.RawConfigParser(strict=False, delimiters="=")
    lines.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation has it
    lines.read(unit)
    argv = shlex.split(lines["Service"]["ExecStart"].replace("/opt/news-nexus", str(ROOT)))
    said = dict(pair.split("=", 1) for pair in lines["Service"]["Environment"].split())
    return Command([_here(argv[0]), *argv[1:]], said)


def _of_image(dockerfile: Path) -> Command:
    found = re.search(r"^CMD (\[.*\])$", dockerfile.read_text(), re.MULTILINE)
    assert found is not None
    argv = json.loads(found[1])
    return Command([_here(argv[0]), *argv[1:]], {})


def _here(program: str) -> str:
    """Return the program of this environment that has the name of another's."""
    return str(Path(sys.executable).with_name(Path(program).name))


def _environment(command: Command, folder: Path) -> dict[str, str]:
    kept = ("PATH", "HOME", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
    inherited = {name: os.environ[name] for name in kept if name in os.environ}
    return {**inherited, **command.environment, "JOB_STORE": str(folder / "jobs.sqlite3")}


def _kind(port: int) -> str:
    health = httpx.get(f"http://127.0.0.1:{port}/deduper/health").json()
    return "fastapi" if "worker" in health else "flask"
