"""Scenarios in TOML, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_harness.errors import ContractFileError
from parity_harness.files.contract import load
from parity_harness.model.contract import Eventually, Scenario
from parity_harness.model.divergence import Strictness

GOOD = """\
[[scenario]]
name = "a job is run"
environment = { QUEUE = "fast" }
effects = ["processes"]
strictness = "bytes"

[[scenario.step]]
request = "POST /jobs?dry=1"
route = "/jobs"
json = { name = "Ä", size = nan }
headers = { Accept = "application/json", X-Tag = ["a", "b"] }
capture = { id = "/jobId", place = "header:Location" }

[[scenario.step]]
request = "GET /jobs/{{id}}"
purpose = "it ends"
strictness = "keys"
eventually = { pointer = "/status", any_of = ["completed"], within = 5 }

[[scenario]]
name = "odd bodies"

[[scenario.step]]
request = "POST /form"
form = { a = ["1", "2"], b = "x y" }

[[scenario.step]]
request = "POST /raw"
body_base64 = "AP8="
headers = { content-type = "image/png" }

[[scenario.step]]
request = "OPTIONS *"
body = "ä"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def scenarios(tmp_path: Path) -> tuple[Scenario, ...]:
    return load(_write(tmp_path, GOOD))


def test_a_scenario_has_a_name_an_environment_and_effects(
    scenarios: tuple[Scenario, ...],
) -> None:
    first, second = scenarios

    assert (first.name, first.environment, first.effects) == (
        "a job is run",
        {"QUEUE": "fast"},
        ("processes",),
    )
    assert (first.strictness, second.strictness) == (Strictness.BYTES, Strictness.VALUES)
    assert first.origin == "declared"


def test_a_step_is_a_probe_with_captures(scenarios: tuple[Scenario, ...]) -> None:
    step = scenarios[0].steps[0]

    assert (step.probe.method, step.probe.target, step.probe.route) == (
        "POST",
        "/jobs?dry=1",
        "/jobs",
    )
    assert step.probe.purpose == "a job is run #1"
    assert step.probe.body == '{"name": "Ä", "size": NaN}'.encode()
    assert step.probe.headers == (
        ("Accept", "application/json"),
        ("X-Tag", "a"),
        ("X-Tag", "b"),
        ("Content-Type", "application/json"),
    )
    assert step.captures == {"id": "/jobId", "place": "header:Location"}


def test_a_step_may_wait(scenarios: tuple[Scenario, ...]) -> None:
    step = scenarios[0].steps[1]

    assert step.eventually == Eventually("/status", ("completed",), 5.0, 0.05)
    assert step.probe.purpose == "it ends"
    assert step.strictness is Strictness.KEYS


def test_bodies_come_in_four_kinds(scenarios: tuple[Scenario, ...]) -> None:
    form, raw, text = scenarios[1].steps

    assert form.probe.body == b"a=1&a=2&b=x+y"
    assert form.probe.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert raw.probe.body == b"\x00\xff"
    assert raw.probe.headers == (("content-type", "image/png"),)
    assert (text.probe.target, text.probe.body, text.probe.headers) == ("*", "ä".encode(), ())


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ('name = "a job is run"\n', "", ":1: name is missing in [[scenario]]; write: name ="),
        ("environment", "enviroment",
         ":3: enviroment is not a key of [[scenario]]; did you mean environment?"),
        ("capture =", "captures =",
         ":12: captures is not a key of [[scenario.step]]; did you mean capture?"),
        ('QUEUE = "fast"', "QUEUE = 3", ":3: environment.QUEUE must be text; write: QUEUE = \"3\""),
        ('["processes"]', "[1]", ":4: effects must be texts"),
        ('"bytes"', '"byte"', ":5: strictness cannot be 'byte'; write: \"status\" or \"keys\""),
        ("POST /jobs?dry=1", "POST", ":8: request 'POST' is no method and path; write: request"),
        ("POST /jobs?dry=1", "GET jobs", ":8: request 'GET jobs' is no method and path"),
        ("POST /jobs?dry=1", "GET /ä", "percent-encode the path"),
        ('"/jobId"', '"jobId"',
         ":12: capture id must be a JSON Pointer or a header; write: \"/jobId\""),
        ('X-Tag = ["a", "b"]', "X-Tag = 1", ":11: header X-Tag must be text; write: \"1\""),
        ("within = 5", "within = 0", ":18: within must be seconds above 0; write: within = 10.0"),
        ("within = 5", "within = true", ":18: within must be seconds above 0"),
        ('any_of = ["completed"], ', "", ":18: any_of is missing in eventually; write: any_of ="),
        ("any_of", "anyof", ":18: anyof is not a key of eventually; did you mean any_of?"),
        ('purpose = "it ends"', "json = 2020-01-01",
         ":16: json cannot be sent: Object of type date is not JSON serializable"),
        ('body_base64 = "AP8="', 'body_base64 = "?"', ":29: body_base64 is not base64"),
        ('body = "ä"', 'body = "ä"\njson = 1', "a step has one body; keep one of json and body"),
        ('name = "odd bodies"', 'name = "a job is run"',
         ":21: two scenarios are called 'a job is run'"),
    ],
)  # fmt: skip
def test_a_complaint_tells_the_line_and_what_to_write(
    tmp_path: Path, was: str, now: str, message: str
) -> None:
    path = _write(tmp_path, GOOD.replace(was, now, 1))

    with pytest.raises(ContractFileError) as error:
        load(path)

    assert str(error.value).startswith(f"{path}:")
    assert message in str(error.value)


def test_a_scenario_without_a_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractFileError, match=r":1: scenario 'x' has no step"):
        load(_write(tmp_path, '[[scenario]]\nname = "x"\n'))


def test_an_unknown_key_without_a_likeness_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ContractFileError, match="known are effects, environment, name"):
        load(_write(tmp_path, '[[scenario]]\nqqq = "x"\n'))
