"""Which file a guard is started from."""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path

import pytest

from worker_python.execution import guard, launch

OURS = Path(sys.executable)
SOURCE = Path(guard.__file__)


@pytest.fixture(name="compiled")
def _compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let what Python has compiled of the guard be a file of this test's."""
    file = tmp_path / "guard.pyc"
    py_compile.compile(guard.__file__, str(file), doraise=True)
    monkeypatch.setattr(guard.__spec__, "cached", str(file))
    return file


def test_what_python_has_compiled_is_started_because_it_starts_faster(compiled: Path) -> None:
    assert launch._guard_script(OURS) == compiled


def test_another_interpreter_gets_the_source(compiled: Path) -> None:
    assert launch._guard_script(compiled.with_name("another-python")) == SOURCE


@pytest.mark.parametrize("content", [b"", b"cut off", bytes(16), None])
def test_what_was_compiled_from_an_older_source_is_left_alone(
    compiled: Path, content: bytes | None
) -> None:
    compiled.unlink() if content is None else compiled.write_bytes(content)

    assert launch._guard_script(OURS) == SOURCE
