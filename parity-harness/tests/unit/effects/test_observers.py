"""What a request does besides answering is seen, in order, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from parity_harness.effects import observer
from parity_harness.errors import ConfigurationError, TargetError
from parity_harness.model.exchange import Effect


async def test_child_processes_are_seen_with_what_was_added_to_their_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "same")
    watching = observer("processes")
    watching.begin()
    _run(cwd=tmp_path, env={"KEPT": "same", "NEW": "1"})
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    await child.wait()
    seen = watching.end()
    _run()

    first = Effect(
        "process",
        {"argv": [sys.executable, "-c", ""], "cwd": str(tmp_path), "environment": {"NEW": "1"}},
    )
    assert seen[0] == first
    assert [effect.kind for effect in seen] == ["process", "process"]
    assert watching.end() == seen


def test_rows_that_came_went_and_changed_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    watching = observer(f"sqlite:{file}")
    watching.begin()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE notes (id INTEGER, text TEXT)")
        db.execute("INSERT INTO notes VALUES (1, 'a'), (2, 'b'), (2, 'b')")
        db.commit()
        (created,) = watching.end()
        watching.begin()
        db.execute("DELETE FROM notes WHERE id = 2")
        db.execute("UPDATE notes SET text = 'A' WHERE id = 1")
        db.commit()
    (changed,) = watching.end()

    assert isinstance(created.facts, dict)
    assert len(created.facts["added"]) == 3
    assert changed.facts == {
        "table": "notes",
        "added": ["{'id': 1, 'text': 'A'}"],
        "removed": ["{'id': 1, 'text': 'a'}", "{'id': 2, 'text': 'b'}", "{'id': 2, 'text': 'b'}"],
    }


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "not.db").write_text("this is no database, and never was one " * 99)

    with pytest.raises(TargetError, match="cannot be read"):
        observer(f"sqlite:{tmp_path / 'not.db'}").begin()


def test_whole_new_lines_are_seen(tmp_path: Path) -> None:
    log = tmp_path / "log"
    watching = observer(f"lines:{log}")
    assert watching.end() == ()
    log.write_text("old\n")
    watching.begin()
    with log.open("a") as file:
        file.write(json.dumps({"event": "sent"}) + "\nplain\nhalf a li")

    assert [effect.facts for effect in watching.end()] == [{"event": "sent"}, "plain"]


@pytest.mark.parametrize("name", ["rows", "sqlite:", "sqlite", "processes:x"])
def test_an_unknown_effect_is_named_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigurationError, match="write 'processes', 'sqlite:PATH'"):
        observer(name)


def _run(cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    subprocess.run([sys.executable, "-c", ""], cwd=cwd, env=env, check=True)
