"""The units: what systemd itself says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from worker_python.settings import Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted(path.name for path in (ROOT / "deploy" / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 30
"""In tenths of what `systemd-analyze security` calls the exposure level; 96 without any option."""

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed here")


@pytest.fixture
def installed(deploy: Path, tmp_path: Path) -> Path:
    """Return the units as they would be, were the repository where they say and the user there."""
    for unit in (deploy / "systemd").glob("*.service"):
        text = unit.read_text().replace("/opt/news-nexus/.venv", str(ROOT / ".venv"))
        text = text.replace("/opt/news-nexus", str(ROOT))
        (tmp_path / unit.name).write_text(re.sub(r"^(User|Group)=.*$", "", text, flags=re.M))
    return tmp_path


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit_without_a_word(installed: Path, unit: str) -> None:
    checked = _analyze("verify", str(installed / unit))

    assert (checked.returncode, checked.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_exposed_no_more_than_it_must(installed: Path, unit: str) -> None:
    threshold = f"--threshold={MOST_EXPOSED}"
    checked = _analyze("security", "--offline=true", threshold, str(installed / unit))

    assert checked.returncode == 0, checked.stdout


def test_the_service_alone_is_told_to_end_so_that_its_jobs_may(deploy: Path) -> None:
    unit = (deploy / "systemd" / "worker-fastapi.service").read_text()

    stop = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert "KillMode=mixed\n" in unit
    assert stop is not None
    assert int(stop[1]) > Settings.model_fields["drain_seconds"].default


@pytest.mark.parametrize("file", ["worker.env", "worker-fastapi.env"])
def test_what_the_environment_files_say_is_something_we_read(deploy: Path, file: str) -> None:
    passed_on = {"PATH_TO_DATABASE", "NAME_DB", "PATH_TO_CSV", "PATH_TO_LOGS"}
    said = re.findall(r"^(?:# )?([A-Z_]+)=", (deploy / "systemd" / file).read_text(), re.MULTILINE)

    assert said
    assert set(said) <= passed_on | {name.upper() for name in Settings.model_fields}


def _analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run(
        [ANALYZE, "--no-pager", *arguments], capture_output=True, text=True, check=False
    )
