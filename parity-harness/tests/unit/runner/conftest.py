"""Pairs of tiny WSGI apps, written to disk; what differs between them is the test's subject."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from parity_harness.compare.rules import Rules
from parity_harness.events import Event
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.comparing.findings import Findings
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.in_process.wsgi import WsgiTarget
from parity_harness.targets.spec import parse

# A store with one resource: what tests change of it is `answer`, `create`, `read` or a constant.
STORE = """
import json, os, itertools
rows, ids = {}, itertools.count(1)
STATUS, LIMIT, FIRST = 201, 1000, 0
asked = itertools.count(1)

def create(body):
    key = FIRST + next(ids)
    rows[key] = {"id": key, **body}
    return STATUS, rows[key]

def read(key):
    return (200, rows[key]) if key in rows else (404, {"error": "unknown"})

def listed():
    return 200, list(rows.values())

def answer(method, path, body):
    if next(asked) > LIMIT:
        return 429, {"error": "slow down"}
    if path == "/rows":
        return create(json.loads(body)) if method == "POST" else listed()
    return read(int(path.rpartition("/")[2]))

def app(environ, start_response):
    body = environ["wsgi.input"].read() or b"{}"
    status, value = answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
    start_response(f"{status} X", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]
"""

MakeSides = Callable[..., Sides]


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def findings(heard: list[Event]) -> Findings:
    return Findings(heard.append, Rules())


@pytest.fixture
async def make_sides(tmp_path: Path, watchdog: Watchdog) -> AsyncIterator[MakeSides]:
    """Make both sides out of the store, each with its own lines added to it."""
    made: list[Sides] = []

    def make(*changes: str) -> Sides:
        targets = []
        for number, change in enumerate(changes):
            path = tmp_path / f"side{len(made)}_{number}.py"
            path.write_text(STORE + textwrap.dedent(change))
            targets.append(WsgiTarget(parse(f"wsgi:{tmp_path}/{path.stem}:app"), watchdog))
        made.append(Sides(targets))
        return made[-1]

    yield make
    for sides in made:
        await sides.close()
