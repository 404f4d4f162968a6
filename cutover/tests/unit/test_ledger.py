"""The log survives its writers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cutover.errors import ControllerBusyError, LedgerError
from cutover.ledger import Ledger


def test_entries_come_back_in_order_and_by_kind(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append("move", move="start")
    ledger.append("reading", gate="errors", value=0.1)
    ledger.append("move", move="promote")

    assert [e.facts["move"] for e in ledger.entries("move")] == ["start", "promote"]
    assert len(Ledger(tmp_path).entries()) == 3


def test_another_writer_is_seen(tmp_path: Path) -> None:
    mine, theirs = Ledger(tmp_path), Ledger(tmp_path)
    mine.append("move", move="start")
    theirs.append("move", move="pause")

    assert [e.facts["move"] for e in mine.entries()] == ["start", "pause"]


def test_a_line_torn_by_a_killed_writer_is_dropped_and_the_log_goes_on(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append("move", move="start")
    with ledger.path.open("ab") as file:
        file.write(b'{"at": 1, "kind": "mo')

    assert len(ledger.entries()) == 1
    ledger.append("move", move="pause")
    assert [e.facts["move"] for e in Ledger(tmp_path).entries()] == ["start", "pause"]


def test_a_line_that_is_no_entry_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("nonsense\n")

    with pytest.raises(LedgerError, match="nonsense"):
        Ledger(tmp_path).entries()


def test_an_unwritable_log_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LedgerError, match="cannot be written"):
        Ledger(tmp_path / "file").append("move", move="start")


def test_two_controllers_cannot_watch_at_once_but_a_killed_one_frees_its_place(
    tmp_path: Path,
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ControllerBusyError, match="another controller"):
            _control(tmp_path)
        holder.kill()
    _control(tmp_path)


def _control(folder: Path) -> None:
    with Ledger(folder).controlling():
        pass


_HOLD = """
import sys, signal
from pathlib import Path
from cutover.ledger import Ledger
with Ledger(Path(sys.argv[1])).controlling():
    print("held", flush=True)
    signal.pause()
"""
