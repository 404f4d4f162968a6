"""Reads contract from TOML."""

from __future__ import annotations

from pathlib import Path

from parity_harness.model.contract import Scenario


def load(path: Path) -> tuple[Scenario, ...]:
    """Return the entries of a file.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
    """
    return ()
