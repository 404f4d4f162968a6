"""A short drill, with two faults: nothing is lost, doubled or left behind, and it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutover.drill import figures, run, setting

ROOT = Path(__file__).parents[2]
FAULTS = ("killed", "errors")


@pytest.mark.timeout(400)
def test_a_short_drill_keeps_every_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = setting.load(ROOT / "cutover" / "drill.toml")
    short = short.model_copy(update={"load": short.load.model_copy(update={"requests": 300})})

    found = run.drill(short, ROOT, only=FAULTS, tell=print)

    report = run.write_report(found, tmp_path).read_text()
    told = capsys.readouterr().out
    assert [figure for figure in figures.promises(found) if not figure.is_met] == [], report
    assert [fault.name for fault in found.faults] == list(FAULTS)
    assert found.acknowledged_before > 0
    assert found.candidate_jobs > 0
    assert "the baseline is switched off" in told
    assert "](" + next(tmp_path.glob("*.svg")).name + ")" in report
