"""The command explains itself: every verb, with more than its one line in the list."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cutover.cli.options import parser

README = (Path(__file__).parents[2] / "README.md").read_text()


def _verbs() -> Mapping[str, argparse.ArgumentParser]:
    (verbs,) = (each for each in parser()._actions if isinstance(each.choices, Mapping))
    assert isinstance(verbs.choices, Mapping)
    return verbs.choices


@pytest.mark.parametrize("verb", _verbs())
def test_the_help_of_a_verb_teaches(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        parser().parse_args([verb, "--help"])

    first, _, rest = (_verbs()[verb].description or "").partition("\n\n")
    told = capsys.readouterr().out
    assert first.endswith(".")
    assert rest
    assert first in told
    assert rest in told


def test_the_readme_lists_the_verbs_that_there_are() -> None:
    table = README.partition("## Verbs")[2].partition("\n## ")[0]
    named = [name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in row.split(", ")]

    assert {name.strip("`").split()[0] for name in named} == set(_verbs())
