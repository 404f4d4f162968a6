"""What the pages show is what the readers take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parity_harness.config import reading, sides
from parity_harness.files import contract, decisions
from parity_harness.model.divergence import Kind, Severity

DOCS = Path(__file__).parents[3] / "docs"


def _example(page: str, folder: Path) -> Path:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    file = folder / "example.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_decisions_of_the_page_can_be_read(tmp_path: Path) -> None:
    found = decisions.load(_example("decisions.md", tmp_path))

    assert [str(each.disposition) for each in found] == ["accept", "fix", "preserve"]


def test_the_configuration_of_the_page_can_be_read_and_no_key_is_missing(tmp_path: Path) -> None:
    file = _example("configuration.md", tmp_path)
    for name in (".env.parity", ".env.new"):
        (tmp_path / name).touch()
    config = reading.load(file)
    page = (DOCS / "configuration.md").read_text("utf-8")

    assert config.candidate.reset == "new.testing:reset"
    assert config.baseline.settle is not None
    assert config.baseline.environment["FIXTURES"] == f"{tmp_path}/fixtures"
    assert [key for key in (*reading.KEYS, *sides.KEYS) if key not in page] == []


def test_the_scenarios_of_the_page_can_be_read(tmp_path: Path) -> None:
    found = contract.load(_example("scenarios.md", tmp_path))

    assert [len(each.steps) for each in found] == [3, 1]


@pytest.mark.parametrize("word", [*Kind, *(each.name.lower() for each in Severity)])
def test_the_page_of_the_report_names_every_kind_and_severity(word: str) -> None:
    assert f"`{word}`" in (DOCS / "report-schema.md").read_text("utf-8")
