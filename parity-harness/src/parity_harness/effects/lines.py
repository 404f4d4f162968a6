"""Lines that were appended to a file: a log, an outbox, what a child wrote down of itself."""

from __future__ import annotations

import json
from pathlib import Path

from parity_harness.model.exchange import Effect

KIND = "line"


class LineObserver:
    """Returns each whole new line as an effect; JSON lines by their value, others as text."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._offset = 0

    def begin(self) -> None:
        """Remember how long the file is."""
        self._offset = self._path.stat().st_size if self._path.exists() else 0

    def end(self) -> tuple[Effect, ...]:
        """Return the lines that came since, in their order."""
        if not self._path.exists():
            return ()
        with self._path.open("rb") as file:
            file.seek(self._offset)
            lines = file.read().splitlines(keepends=True)
        return tuple(Effect(KIND, _value(line)) for line in lines if line.endswith(b"\n"))


def _value(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return line.decode(errors="replace").rstrip("\r\n")
