from __future__ import annotations

from pathlib import Path

import pytest

from parity_harness.config import load, of_targets, with_targets
from parity_harness.errors import ConfigurationError, ContractFileError
from parity_harness.model.divergence import Strictness
from parity_harness.targets.making import Over

FULL = """
baseline = "wsgi:legacy.app:app"
over = "network"
budget = 60
seed = 3
timeout = 2.5
scenarios = ["scenarios.toml", "more.toml"]
decisions = "decisions.toml"
environment_file = "parity.env"
environment = { SHARED = "table" }
generated = 5
zero_configuration = false
latency_ratio = 3

[candidate]
target = "asgi:new.main:create_app()"
environment = { OWN = "1" }
reset = "new.testing:reset"

[[strictness]]
route = "/metrics"
level = "types"

[[ignore]]
route = "/debug"
reason = "nobody calls it"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "parity.toml"
    path.write_text(text)
    return path


def test_everything_a_run_can_be_told_is_read(tmp_path: Path) -> None:
    (tmp_path / "parity.env").write_text(
        "# ours\nexport SHARED=file\nQUOTED='a # b' \nBARE=x # y\n\n"
    )
    config = load(written(tmp_path, FULL))

    assert (config.over, config.budget, config.seed, config.timeout) == (Over.NETWORK, 60, 3, 2.5)
    assert config.scenarios == (tmp_path / "scenarios.toml", tmp_path / "more.toml")
    assert config.decisions == tmp_path / "decisions.toml"
    assert (config.generated, config.zero_configuration, config.latency_ratio) == (5, False, 3)
    assert config.strictness == {"/metrics": Strictness.TYPES}
    assert config.ignored == {"/debug": "nobody calls it"}
    shared = {"SHARED": "table", "QUOTED": "a # b", "BARE": "x"}
    assert config.baseline.environment == shared
    assert config.candidate.environment == {**shared, "OWN": "1"}
    assert config.candidate.reset == "new.testing:reset"
    assert config.baseline.spec.folder == tmp_path


def test_two_lines_are_enough(tmp_path: Path) -> None:
    text = 'baseline = "wsgi:old/app:app"\ncandidate = "http://127.0.0.1:8000"'
    config = load(written(tmp_path, text))

    assert config.baseline.spec.folder == tmp_path / "old"
    assert (config.over, config.zero_configuration, config.budget) == (Over.PROCESS, True, None)
    assert not config.can_start_afresh


def test_a_recording_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    text = 'baseline = "recording:kept.json"\ncandidate = "asgi:main:app"'

    assert load(written(tmp_path, text)).baseline.spec.path == tmp_path / "kept.json"


def test_targets_of_the_command_line_replace_those_of_the_file(tmp_path: Path) -> None:
    config = of_targets("wsgi:a:b", "asgi:c:d", tmp_path)
    changed = with_targets(config, None, "asgi:x:y", tmp_path)

    assert changed.baseline == config.baseline
    assert changed.candidate.spec.text == "asgi:x:y"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('candidate = "asgi:a:b"', 'parity.toml:0: baseline is missing; write: baseline = "wsgi:'),
        ('baselin = "wsgi:a:b"', "did you mean baseline"),
        ('over = "net"', "over is .* not 'net'"),
        ("budget = -1", "budget is a number above 0"),
        ("timeout = true", "timeout is a number above 0"),
        ("scenarios = 3", "scenarios are paths"),
        ('[[strictness]]\nroute = "/x"\nlevel = "high"', 'level is "status" or "keys"'),
        ('[[ignore]]\nroute = "/x"', "reason is missing"),
        ('environment_file = "none.env"', "none.env cannot be read"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(tmp_path: Path, line: str, told: str) -> None:
    sides = 'baseline = "wsgi:a:b"\ncandidate = "asgi:c:d"\n'
    text = line if "candidate" in line else sides + line
    with pytest.raises(ContractFileError, match=told):
        load(written(tmp_path, text))


def test_a_target_that_is_none_is_told_the_forms(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="names no target"):
        load(written(tmp_path, 'baseline = "legacy"\ncandidate = "asgi:c:d"'))


def test_an_environment_file_with_a_line_that_is_none_says_which(tmp_path: Path) -> None:
    (tmp_path / "parity.env").write_text("A=1\nnonsense\n")
    with pytest.raises(ContractFileError, match=r"parity\.env:2: write NAME=value, not 'nonsense'"):
        load(written(tmp_path, FULL))
