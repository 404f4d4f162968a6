"""Hunts all mutants once, on two processes, while the tests wait for their results."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test modules are no package

from corpus import Mutant, load
from hunting import Hunt, hunt_all

PROCESSES = 2
LONGEST_FIRST = ("crud", "ledger", "members", "files", "worker")


class Hunts:
    """Results to come, by mutant."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self._chunks: dict[str, Future[list[Hunt]]] = {}
        for twin in LONGEST_FIRST:
            mutants = [each for each in load() if each.twin == twin]
            chunk = pool.submit(hunt_all, mutants, folder)
            self._chunks |= {each.id: chunk for each in mutants}

    def of(self, mutant: Mutant) -> Hunt:
        """Wait for the chunk that a mutant is in."""
        found = self._chunks[mutant.id].result()
        return next(each for each in found if each.mutant == mutant)


@pytest.fixture(scope="session")
def hunts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunts]:
    context = multiprocessing.get_context("spawn")  # apps of one twin may not see another's
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        yield Hunts(pool, tmp_path_factory.mktemp("planted"))
        pool.shutdown(cancel_futures=True)
