"""The pm2 file, run by pm2 itself: the lines of the runbook, and what they bring about."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig import npm
from rig.workers import free_port

ROOT = Path(__file__).parents[2]
ECOSYSTEM = ROOT / "deploy" / "pm2" / "ecosystem.config.js"
PM2 = Path(__file__).parent / "pm2"
RUNBOOK = (ROOT / "docs" / "runbook" / "deploy.md").read_text()
START = "WORKER_PORT=5000 pm2 start deploy/pm2/ecosystem.config.js --only worker-flask"
TO_FASTAPI = next(line for line in RUNBOOK.splitlines() if line.startswith("pm2 delete worker-fl"))
TO_FLASK = next(line for line in RUNBOOK.splitlines() if line.startswith("pm2 delete worker-fa"))
LIMIT_SECONDS = 30.0

Say = Callable[[str], None]


@pytest.fixture(name="say")
def _say(tmp_path: Path) -> Iterator[Say]:
    """Say a line of the runbook in the repository's folder, with a pm2 of its own."""
    npm.install(PM2)
    environment = {
        **{name: os.environ[name] for name in ("HOME",) if name in os.environ},
        "PATH": os.pathsep.join([str(PM2 / "node_modules" / ".bin"), npm.path()]),
        "PM2_HOME": str(tmp_path / "pm2"),
        "JOB_STORE": str(tmp_path / "jobs.sqlite3"),
    }

    def say(line: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    yield say
    say("pm2 kill")


def test_the_lines_of_the_runbook_move_one_port_over_and_back(say: Say) -> None:
    port = free_port()

    for line, worker in ((START, "flask"), (TO_FASTAPI, "fastapi"), (TO_FLASK, "flask")):
        say(line.replace("WORKER_PORT=5000", f"WORKER_PORT={port}"))
        assert _kind(port) == worker


def test_both_start_beside_each_other_where_no_port_is_said() -> None:
    apps = _read({})

    assert apps["worker-flask"]["env"]["PORT"] == "5000"
    assert "8000" in apps["worker-fastapi"]["args"]


def _read(environment: Mapping[str, str]) -> Mapping[str, dict[str, Any]]:
    """Read the file as pm2 does: by requiring it."""
    printed = subprocess.run(
        [npm.node(), "-p", f"JSON.stringify(require({json.dumps(str(ECOSYSTEM))}).apps)"],
        env={"PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return {app["name"]: app for app in json.loads(printed.stdout)}


def _kind(port: int) -> str:
    """Return which worker answers on a port, once one does."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            health = httpx.get(f"http://127.0.0.1:{port}/deduper/health").json()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return "fastapi" if "worker" in health else "flask"
    raise TimeoutError(f"nobody answered on port {port} for {LIMIT_SECONDS:g} s")
