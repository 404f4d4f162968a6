from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from parity_harness.targets.in_process.environment import Environment


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("PARITY_A", "PARITY_B"):
        monkeypatch.delenv(name, raising=False)
    yield
    Environment.take_off()


def test_variables_stay_until_another_target_acts() -> None:
    one, other = Environment({"PARITY_A": "1"}), Environment({"PARITY_B": "2"})

    one.put_on()
    assert os.environ["PARITY_A"] == "1"
    other.put_on()
    assert "PARITY_A" not in os.environ
    assert os.environ["PARITY_B"] == "2"


def test_the_process_gets_its_own_value_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARITY_A", "ours")
    Environment({"PARITY_A": "theirs"}).put_on()
    Environment.take_off()

    assert os.environ["PARITY_A"] == "ours"


def test_what_an_app_sets_while_it_is_made_is_its_own() -> None:
    app, other = Environment({"PARITY_A": "1"}), Environment()

    with app.adopting():
        os.environ["PARITY_B"] = "from its .env"
    other.put_on()
    assert "PARITY_B" not in os.environ
    app.put_on()
    assert os.environ["PARITY_B"] == "from its .env"
    assert os.environ["PARITY_A"] == "1"


def test_what_an_app_takes_away_is_missing_for_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARITY_A", "ours")
    app = Environment()

    with app.adopting():
        del os.environ["PARITY_A"]
    assert "PARITY_A" not in os.environ
    Environment.take_off()
    assert os.environ["PARITY_A"] == "ours"
