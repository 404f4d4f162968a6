"""What `api/` answers with the Flask worker and with the FastAPI worker, held side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).with_name("callers.toml")
RIG = Path(__file__).parents[1]
STEPS = 10


@pytest.mark.timeout(300)
def test_nobody_can_tell_which_worker_stands_behind_api(
    sample: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    config, report = tmp_path / "parity.toml", tmp_path / "report.json"
    sides = [
        f'{side} = "cmd:{sys.executable} -m rig.stage {kind} {{port}} {sample}"'
        for side, kind in (("baseline", "flask"), ("candidate", "fastapi"))
    ]
    settings = ["zero_configuration = false", "timeout = 60", f'scenarios = ["{SCENARIOS}"]']
    variables = ["[environment]", f'PYTHONPATH = "{RIG}"']
    config.write_text("\n".join([*sides, *settings, *variables]))

    options = ["check", "--config", str(config), "--quiet", "--json", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "parity_harness", *options],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    compared = json.loads(report.read_text())["counts"]["exchanges"]
    record_property("calls of api/ compared, worker against worker", compared)
    assert compared >= STEPS
