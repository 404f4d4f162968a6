"""One execution of a job's command: what is to be run, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """What an attempt runs.

    `environment` is the child's whole environment. `timeout_seconds` of None means no limit.
    `output` names a file stem: the executor appends `.stdout.log` and `.stderr.log` and keeps the
    whole output there; None keeps the tails only.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: Path | None = None
    timeout_seconds: float | None = None
    output: Path | None = None


class Ending(StrEnum):
    """Why an attempt is over. The first reason to arrive wins, and it is never changed."""

    EXITED = "exited"  # the process ended by itself
    CANCELLED = "cancelled"  # somebody asked for it
    TIMED_OUT = "timed_out"  # it ran longer than it may
    SHUT_DOWN = "shut_down"  # the service had to stop before it ended
    NOT_STARTED = "not_started"  # there never was a process
    LOST = "lost"  # the service crashed, and the process with it


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    `exit_code` is negative for a signal (−15 for SIGTERM), None where no process ran or its code
    is unknown. `stdout` and `stderr` are the decoded tails, None where no process ran. `seconds`
    is the wall time from start to the end of the last descendant.
    """

    ending: Ending
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    error: str | None = None
    seconds: float = 0.0
