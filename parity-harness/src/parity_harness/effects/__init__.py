"""What a request did besides answering: child processes, database rows, lines in a file.

An observer is named in a contract by a short text:

    processes            child processes that this interpreter starts (in-process targets)
    sqlite:PATH          rows of every table that were added, changed or removed
    lines:PATH           lines appended to a file, JSON where they are JSON
"""

from __future__ import annotations

from parity_harness.effects.lines import LineObserver
from parity_harness.effects.observer import Observer
from parity_harness.effects.processes import ProcessObserver
from parity_harness.effects.rows import RowObserver
from parity_harness.errors import ConfigurationError

__all__ = ["Observer", "observer"]


def observer(name: str) -> Observer:
    """Return the observer that a contract names.

    Raises:
        ConfigurationError: no observer has this name.
    """
    kind, _, place = name.partition(":")
    if kind == "processes" and not place:
        return ProcessObserver()
    if kind == "sqlite" and place:
        return RowObserver(place)
    if kind == "lines" and place:
        return LineObserver(place)
    raise ConfigurationError(
        f"no effect is called {name!r}: write 'processes', 'sqlite:PATH' or 'lines:PATH'"
    )
