"""The append-only log of a cutover: what was decided, measured and done, one JSON object a line.

Each entry is on disk before the method that wrote it returns, so the log survives a SIGKILL of its
writer; a last line cut short by one is dropped when it is read.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cutover.errors import ControllerBusyError, LedgerError


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `at` in seconds since the epoch, what kind, and its JSON-shaped facts."""

    at: float
    kind: str
    facts: Mapping[str, object]


@dataclass(slots=True)
class Ledger:
    """The log of one cutover, in a folder of its own. What was read once is not read again."""

    folder: Path
    _known: list[Entry] = field(default_factory=list)
    _offset: int = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "ledger.jsonl"

    def append(self, kind: str, **facts: object) -> Entry:
        """Write one entry durably.

        Raises:
            LedgerError: it could not be written; nothing may be done that is not in the log.
        """
        entry = Entry(time.time(), kind, facts)
        line = json.dumps({"at": entry.at, "kind": kind, **facts}) + "\n"
        try:
            with self._locked("write.lock", fcntl.LOCK_EX), self.path.open("ab") as file:
                _cut_torn_line(self.path, file)
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be written: {error.strerror}") from error
        return entry

    def entries(self, *kinds: str) -> list[Entry]:
        """Return the entries of these kinds, oldest first; all of them without a kind."""
        self._catch_up()
        return [entry for entry in self._known if not kinds or entry.kind in kinds]

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Hold the right to move: decisions are made one at a time, whoever makes them."""
        with self._locked("move.lock", fcntl.LOCK_EX):
            yield

    @contextmanager
    def controlling(self) -> Iterator[None]:
        """Hold the right to watch the gates.

        Raises:
            ControllerBusyError: another process holds it.
        """
        try:
            with self._locked("controller.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield
        except BlockingIOError:
            raise ControllerBusyError(
                f"another controller watches this cutover ({self.folder}); see: cutover status"
            ) from None

    @contextmanager
    def _locked(self, name: str, how: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("ab") as file:
            fcntl.flock(file, how)
            yield

    def _catch_up(self) -> None:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return
        except OSError as error:
            raise LedgerError(f"{self.path} cannot be read: {error.strerror}") from error
        whole = fresh[: fresh.rfind(b"\n") + 1]  # a torn last line is not there yet, or never was
        self._known += [self._parsed(line) for line in whole.splitlines()]
        self._offset += len(whole)

    def _parsed(self, line: bytes) -> Entry:
        try:
            facts = json.loads(line)
            return Entry(facts.pop("at"), facts.pop("kind"), facts)
        except (ValueError, KeyError) as error:
            raise LedgerError(f"{self.path} holds what is no entry: {line!r}") from error


def _cut_torn_line(path: Path, file: BinaryIO) -> None:
    """Drop a line that a killed writer left without its end."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        file.truncate(whole)
