"""The command line."""

from __future__ import annotations

import pytest

from worker_python.cli import main


def test_help_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "serve" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["dance"], ["serve", "--port", "many"]])
def test_what_is_not_understood_is_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2


@pytest.mark.usefixtures("environment")
def test_wrong_settings_are_named_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "high")

    assert main(["serve"]) == 2

    assert "PORT='high'" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_a_worker_without_a_database_says_which_setting_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["work"]) == 2

    assert "DATABASE_URL is missing" in capsys.readouterr().err
