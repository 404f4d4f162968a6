"""The floor: a run without configuration finds every mistake of the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from corpus import CorpusError, Mutant, load, plant

if TYPE_CHECKING:
    from conftest import Hunts


# All wait for one hunt, so all belong into one process; on a busy machine the wait is long.
pytestmark = [pytest.mark.xdist_group("mutants"), pytest.mark.timeout(900)]


@pytest.mark.parametrize("mutant", load(), ids=lambda mutant: mutant.id)
def test_a_run_without_configuration_finds(mutant: Mutant, hunts: Hunts) -> None:
    assert hunts.of(mutant).is_found, f"lives: {mutant.what}"


def test_the_corpus_is_large_and_its_names_are_different() -> None:
    names = [mutant.id for mutant in load()]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


def test_a_mutant_that_no_longer_fits_its_twin_says_so(tmp_path: Path) -> None:
    gone = Mutant("crud", "gone", "", "crud_fastapi", (("a line that was rewritten", ""),))
    with pytest.raises(CorpusError, match="found 0 times, must be once"):
        plant(gone, tmp_path)
