"""Either worker, the stand-in for `api/`, and a sample database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rig import database
from rig.stage import Stage, set_up


@pytest.fixture(name="sample", scope="session")
def _sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database.make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(name="kind", params=["flask", "fastapi"], scope="module")
def _kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="stage", scope="module")
def _stage(kind: str, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with set_up(kind, sample, tmp_path_factory.mktemp(kind)) as stage:
        yield stage


@pytest.fixture(name="own_stage")
def _own_stage(kind: str, sample: Path, tmp_path: Path) -> Iterator[Stage]:
    with set_up(kind, sample, tmp_path) as stage:
        yield stage
