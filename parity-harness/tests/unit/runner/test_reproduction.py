from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest

from parity_harness.model.contract import Step
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.runner.proving.reproduction import curl, pytest_case, written

FOUND = Divergence(Kind.STATUS, Severity.CRITICAL, "POST", "/rows", "status", "201", "200", "valid")


@pytest.mark.parametrize(
    "probe",
    [
        Probe("GET", "/rows?q=a b&c='d'"),
        Probe("GET", "/caf\xe9/%zz"),
        Probe("PURGE", "/", (("X-Empty", ""), ("X-Quote", "it's"), ("X-A", "1"))),
        Probe("POST", "/", (("Content-Type", "application/json"),), b'{"a": "\\u00e9"}'),
        Probe("POST", "/", (), bytes(range(1, 256))),
        Probe("GET", f"/items/{'9' * 4301}"),
        Probe("POST", f"/{'a' * 200}/it's", (), b"x" * 9_999 + b"\n"),
    ],
)
def test_a_shell_hands_curl_the_very_bytes(probe: Probe, tmp_path: Path) -> None:
    (tmp_path / "curl").write_text('#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done')
    (tmp_path / "curl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/bin:/usr/bin", "BASELINE": "http://x", "LC_ALL": "C"}
    command = ["bash", "-c", curl(probe, "BASELINE")]
    printed = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    words = printed.decode("latin-1").split("\0")

    assert f"http://x{probe.target}" in words
    for name, value in probe.headers:
        assert (f"{name}: {value}" if value else f"{name};") in words
    if probe.body:
        assert words[words.index("--data-binary") + 1] == probe.body.decode("latin-1")


def test_a_head_request_does_not_wait_for_a_body() -> None:
    assert curl(Probe("HEAD", "/"), "X") == 'curl -si --path-as-is -I "$X"/'


def test_a_pytest_case_is_python_that_sends_the_same_steps() -> None:
    steps = (
        Step(Probe("POST", "/rows", (("A", "b"),), b'"\xff', "/rows", "valid"), {"id": "/id"}),
        Step(Probe("GET", "/rows/{{id}}")),
        Step(Probe("POST", "/rows", body=b"x" * 9_999)),
    )
    source = pytest_case(FOUND, steps)
    names = {"Step": Step, "Probe": Probe}
    call = ast.parse(source).body[-1].body[0].value  # type: ignore[attr-defined]  # the test's one line
    made = [eval(ast.unparse(each), {}, names) for each in call.args]  # noqa: S307  (our own output)

    assert tuple(made) == steps
    assert "def test_post_rows_valid(parity):" in source


def test_the_listing_shows_both_sides_with_their_own_ids() -> None:
    pairs = [
        tuple(Exchange(Probe("GET", f"/rows/{key}"), Response(200)) for key in (1, 41)),
    ]
    listing = written(FOUND, (Step(Probe("GET", "/rows/{{id}}")),), pairs)  # type: ignore[arg-type]  # pairs

    assert 'curl -si --path-as-is -X GET "$BASELINE"/rows/1\n' in listing
    assert 'curl -si --path-as-is -X GET "$CANDIDATE"/rows/41\n' in listing
    assert json.dumps("/rows/{{id}}")[1:-1] in listing
