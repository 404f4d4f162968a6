"""Everything that stops a cutover command, as one tree.

CutoverError               exit code 2, one line on stderr
├── PlanError              the plan file is wrong; names every problem and where it stands
├── EdgeError              Envoy did not start, does not answer, or refused a change
├── LedgerError            the log on disk cannot be read or written
├── ControllerBusyError    another controller holds the lock
├── HarnessError           the harness could not compare the workers; the gate on it holds
└── MoveError              the verb does not fit where the cutover stands; says which would
"""

from __future__ import annotations

from collections.abc import Sequence


class CutoverError(Exception):
    """Root of all errors this package raises on purpose."""


class PlanError(CutoverError):
    """The plan file is wrong."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{source} is not a usable plan:", *problems]))


class EdgeError(CutoverError):
    """Envoy did not start, does not answer, or refused a change."""


class LedgerError(CutoverError):
    """The log on disk cannot be read or written."""


class ControllerBusyError(CutoverError):
    """Another controller holds the lock."""


class HarnessError(CutoverError):
    """The harness could not compare the two workers, or not to the end."""


class MoveError(CutoverError):
    """The verb does not fit where the cutover stands."""
