"""The gate on divergences reads what the real harness wrote of two real apps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cutover import harness
from cutover.envoy.admin import Admin
from cutover.errors import HarnessError
from cutover.gates import Reading
from cutover.plan import Metric
from cutover.readings import Readings
from cutover.workers import WorkerView

APP = """
async def app(scope, receive, send):
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"BODY"})
"""
READS = """
[[scenario]]
name = "who it is"
[[scenario.step]]
request = "GET /"
[[scenario.step]]
request = "GET /test"
"""
DECISION = """
[[decision]]
select = { path = "body:*" }
disposition = "accept"
reason = "it may say so"
owner = "us"
expires = 2999-01-01
"""
VIEWS = (WorkerView("baseline", "http://x"), WorkerView("candidate", "http://x"))


@pytest.fixture(name="command")
def _command(tmp_path: Path) -> list[str]:
    for name, body in (("old", "hello"), ("new", "howdy")):
        (tmp_path / f"{name}.py").write_text(APP.replace("BODY", body))
    (tmp_path / "reads.toml").write_text(READS)
    (tmp_path / "decisions.toml").write_text(DECISION)
    parity = str(Path(sys.executable).with_name("parity"))
    scenarios = ["--declared-only", "--scenarios", str(tmp_path / "reads.toml"), "--quiet"]
    return [parity, "check", "--baseline", f"asgi:{tmp_path / 'old.py'}:app", *scenarios]


def test_undecided_divergences_are_counted_and_exchanges_are_the_samples(
    command: list[str], tmp_path: Path
) -> None:
    readings = Readings(
        Admin("x:1"), VIEWS, (*command, "--candidate", f"asgi:{tmp_path}/new.py:app")
    )

    assert readings.measure(Metric.DIVERGENCES) == Reading(2.0, 2)


def test_decided_ones_are_not(command: list[str], tmp_path: Path) -> None:
    decided = ["--decisions", str(tmp_path / "decisions.toml")]
    judged = harness.judge([*command, "--candidate", f"asgi:{tmp_path}/new.py:app", *decided])

    assert judged == harness.Judged(0, 2)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("raise SystemExit('cannot run')", "compared nothing: cannot run"),
        ("import sys; open(sys.argv[2], 'w').write('{}')", "report is none"),
        ("import time; time.sleep(60)", "took more than 0.5 s"),
    ],
)
def test_a_harness_that_cannot_compare_is_told(
    program: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "LIMIT_SECONDS", 0.5 if "sleep" in program else 60.0)

    with pytest.raises(HarnessError, match=says):
        harness.judge([sys.executable, "-c", program])


def test_a_harness_that_is_not_there_is_told() -> None:
    with pytest.raises(HarnessError, match="does not start"):
        harness.judge(["/no/such/program"])


def test_one_that_was_interrupted_can_show_divergences_but_not_their_absence() -> None:
    assert harness.judge(_interrupted(divergences=1)) == harness.Judged(1, 3)
    with pytest.raises(HarnessError, match="interrupted"):
        harness.judge(_interrupted(divergences=0))


def _interrupted(*, divergences: int) -> list[str]:
    report = {
        "divergences": [{"decision": None}] * divergences,
        "counts": {"exchanges": 3},
        "interrupted": True,
    }
    write = "import sys; open(sys.argv[3], 'w').write(sys.argv[1])"
    return [sys.executable, "-c", write, json.dumps(report)]
