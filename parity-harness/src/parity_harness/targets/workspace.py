"""A folder of its own for every fresh state, and the variables that may name it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

TMP = "{tmp}"
"""In a variable's value or an effect's path: an empty folder, new whenever the state is fresh."""


class Workspace:
    """Gives `{tmp}` its meaning for one side; makes a folder only where somebody asks for one."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def renew(self) -> None:
        """Throw the folder away; the next one will be empty."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)  # children of the app may still write
        self._folder = None

    def expand(self, text: str) -> str:
        """Return a text with `{tmp}` filled in."""
        if TMP not in text:
            return text
        if not self._folder:
            self._folder = Path(tempfile.mkdtemp(prefix="parity-"))
        return text.replace(TMP, str(self._folder))

    def expand_all(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return variables with `{tmp}` filled in."""
        return {name: self.expand(value) for name, value in variables.items()}
