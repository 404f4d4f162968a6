from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from parity_harness.errors import ConfigurationError
from parity_harness.model.exchange import Probe
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.making import Over, Side, make
from parity_harness.targets.network.http import HttpTarget
from parity_harness.targets.network.process import ProcessTarget
from parity_harness.targets.network.servers import command_of
from parity_harness.targets.spec import parse

FLASK = """
from flask import Flask
def create_app():
    app = Flask(__name__)
    app.get("/<name>")(lambda name: f"flask {name}")
    return app
"""
FASTAPI = """
from fastapi import FastAPI
app = FastAPI()
app.get("/{name}")(lambda name: f"fastapi {name}")
"""


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[ProcessTarget]]:
    (tmp_path / "served_flask.py").write_text(FLASK)
    (tmp_path / "served_fastapi.py").write_text(FASTAPI)
    texts = (f"wsgi:{tmp_path}/served_flask:create_app()", f"asgi:{tmp_path}/served_fastapi:app")
    made = [make(Side(parse(text)), Over.NETWORK, Watchdog(5)) for text in texts]
    yield [each for each in made if isinstance(each, ProcessTarget)]
    for each in made:
        await each.close()


async def test_both_kinds_are_served_by_real_servers(servers: list[ProcessTarget]) -> None:
    answers = []
    for target in servers:
        await target.start({})
        answers.append((await target.send(Probe("GET", "/x%20y"))).body)

    assert answers == [b"flask x y", b'"fastapi x y"']


def test_gunicorn_is_taken_where_there_is_one(mocker: MockerFixture) -> None:
    mocker.patch("importlib.util.find_spec", return_value=object())
    command = command_of(parse("wsgi:/srv/legacy.app:create_app()"))

    assert command[1:4] == ("-m", "gunicorn", "legacy.app:create_app()")
    assert command[command.index("--pythonpath") + 1] == "/srv"
    assert "127.0.0.1:{port}" in command


def test_a_factory_is_told_to_uvicorn() -> None:
    command = command_of(parse("asgi:/srv/main:create_app()"))

    assert command[1:5] == ("-m", "uvicorn", "main:create_app", "--factory")


def test_a_command_and_a_url_are_what_they_are() -> None:
    command = make(Side(parse("cmd:serve --port {port}")), Over.PROCESS, Watchdog(5))
    url = make(Side(parse("http://127.0.0.1:9")), Over.PROCESS, Watchdog(5))

    assert isinstance(command, ProcessTarget)
    assert isinstance(url, HttpTarget)


def test_a_recording_cannot_be_asked() -> None:
    with pytest.raises(ConfigurationError, match="can only be the baseline"):
        make(Side(parse("recording:x.json")), Over.PROCESS, Watchdog(5))
