"""The moments between two durable steps, by name, so that a test can stop the service at each."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
    """A moment after which a crash must change nothing that was promised."""

    AFTER_INSERT = "after-insert"  # the job is kept, the caller does not know yet
    AFTER_CLAIM = "after-claim"  # kept as running, no process yet
    AFTER_SPAWN = "after-spawn"  # the process runs, its pid is not saved
    AFTER_PID_SAVED = "after-pid-saved"
    AFTER_EXIT = "after-exit"  # the process has gone, its result is not saved
    AFTER_RESULT_SAVED = "after-result-saved"  # whoever waits does not know yet
    DURING_QUIET = "during-quiet"  # everything is cancelled, the clear has not run
    DURING_RECOVERY = "during-recovery"  # the old process is down, the job is not settled


Reached = Callable[[CrashPoint], None]
"""Told of every point as it is passed; injected by the composition root, for chaos tests only."""


def unreached(point: CrashPoint) -> None:
    """Do nothing: what production uses."""
    del point
