"""Settings, and the file that shows them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from worker_python.settings import Settings, problems

EXAMPLE = Path(__file__).parents[3] / ".env.example"
PASSED_ON = {"PATH_TO_DATABASE", "NAME_DB", "PATH_TO_CSV", "PATH_TO_LOGS"}


@pytest.mark.usefixtures("environment")
def test_the_example_names_every_setting_and_what_the_child_needs() -> None:
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))

    ours = set(map(str.upper, Settings.model_fields))
    assert ours | PASSED_ON <= named


def test_the_example_says_what_the_defaults_are(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment:
        monkeypatch.delenv(name)
    defaults = Settings()

    Path(".env").write_text(EXAMPLE.read_text())

    shown = Settings()
    for name in set(Settings.model_fields) - {
        "path_to_python_venv",
        "path_to_microservice_deduper",
    }:
        assert getattr(shown, name) == getattr(defaults, name), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_CONCURRENT_JOBS", "0"),
        ("MAX_CONCURRENT_JOBS", "1.5"),
        ("JOB_TIMEOUT_SECONDS", "0"),
        ("CLEAR_TIMEOUT_SECONDS", "-1"),
        ("CANCEL_GRACE_SECONDS", "soon"),
        ("DRAIN_SECONDS", "nan"),
        ("DRAIN_SECONDS", "inf"),
        ("JOB_ID_START", "0"),
        ("KEEP_JOBS", "-1"),
        ("RETRY_LOST_JOBS", "perhaps"),
        ("LOG_FORMAT", "xml"),
        ("PORT", "65536"),
        ("LEGACY_WORKER_URL", "nowhere"),
        ("LEGACY_TIMEOUT_SECONDS", "0"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_a_wrong_setting_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as raised:
        Settings()

    assert [problem.partition(":")[0] for problem in problems(raised.value)] == [
        f"{name}={value!r}"
    ]


@pytest.mark.usefixtures("environment")
def test_jobs_are_kept_where_xdg_keeps_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JOB_STORE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert Settings().job_store == tmp_path / "worker-python" / "jobs.sqlite3"
