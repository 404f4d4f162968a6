from __future__ import annotations

from pathlib import Path

import pytest

from parity_harness.errors import ConfigurationError
from parity_harness.targets.spec import Kind, parse


def test_an_app_is_a_module_and_an_attribute() -> None:
    spec = parse("wsgi:legacy.app:app")

    assert (spec.kind, spec.module, spec.attribute) == (Kind.WSGI, "legacy.app", "app")
    assert not spec.is_factory
    assert spec.folder is None
    assert spec.import_string == "legacy.app:app"


@pytest.mark.parametrize("written", ["asgi:a/b/main:create_app()", "asgi:a/b/main.py:create_app()"])
def test_an_app_may_have_a_folder_and_a_factory(written: str) -> None:
    spec = parse(written)

    assert (spec.folder, spec.module) == (Path("a/b"), "main")
    assert spec.is_factory


def test_an_absolute_folder_stays_absolute() -> None:
    assert parse("wsgi:/srv/app:app").folder == Path("/srv")
    assert parse("wsgi:/app:app").folder == Path("/")


def test_a_url_loses_its_last_slash() -> None:
    spec = parse("https://legacy.example:8443/")

    assert (spec.kind, spec.where, spec.is_app) == (Kind.URL, "https://legacy.example:8443", False)


def test_a_command_and_a_recording_keep_the_rest() -> None:
    assert parse("cmd:node server.js --port {port}").where == "node server.js --port {port}"
    assert parse("recording:kept/legacy.json").path == Path("kept/legacy.json")


@pytest.mark.parametrize(
    "written", ["", "legacy.app:app", "wsgi:app", "wsgi:a b:app", "cmd:", "http://", "wsgi:a:b:c"]
)
def test_anything_else_is_told_the_known_forms(written: str) -> None:
    with pytest.raises(ConfigurationError, match="wsgi:MODULE:ATTR"):
        parse(written)
