"""A short drill, with two faults: nothing is lost, doubled or left behind, and it says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cutover.cli import main

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(400)
def test_a_short_drill_is_signed_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "tests")]))
    file = str(ROOT / "cutover" / "drill.toml")
    options = ["--faults", "killed", "errors", "--requests", "300", "--to", str(tmp_path)]

    code = main(["drill", file, *options])

    (report,) = tmp_path.glob("*.md")
    (picture,) = tmp_path.glob("*.svg")
    assert code == 0, report.read_text()
    assert picture.name in report.read_text()
    assert "**Signed off.**" in report.read_text()
