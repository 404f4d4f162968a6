"""The blocking half of an attempt: follows a guard to its end, on a thread of its own.

A thread, because a command that floods its output must not take turns with requests, and
because files may block.
"""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from worker_python.execution.identity import marked
from worker_python.execution.launch import Launched
from worker_python.execution.output import Capture, pump
from worker_python.execution.termination import GUARD_MARGIN_SECONDS, take_down

Tell = Callable[[str, int], None]
"""Takes a word of the guard (`started`, `exited`, `failed`) and its number."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an attempt may keep, and how long it may take to obey.

    `max_output_bytes` bounds each file; `tail_bytes` what of each stream goes into the outcome.
    """

    grace_seconds: float
    tail_bytes: int
    max_output_bytes: int


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known once nothing of an attempt lives any more.

    `guard_code` is 0 where the guard itself has seen to that.
    """

    guard_code: int
    stdout: str
    stderr: str


def follow(
    launched: Launched, *, marker: str, output: Path | None, limits: Limits, tell: Tell
) -> Followed:
    """Relay the guard's words, keep the command's output, and return when nothing is left alive."""
    report = _Report(tell)
    with (
        _closed_in_the_end(launched),
        closing(_capture(output, ".stdout.log", limits)) as stdout,
        closing(_capture(output, ".stderr.log", limits)) as stderr,
    ):
        sinks = {
            launched.report: report.feed,
            launched.stdout: stdout.write,
            launched.stderr: stderr.write,
        }
        pump(sinks, until=launched.report)
        guard_code = launched.guard.wait()
        _take_down_after(guard_code, marker=marker, grace_seconds=limits.grace_seconds)
    return Followed(guard_code, stdout.text(), stderr.text())


def abandon(launched: Launched, *, marker: str, grace_seconds: float) -> None:
    """End a guard that cannot be followed; return when nothing is left of its attempt."""
    with suppress(BrokenPipeError):  # it is gone already
        os.write(launched.lifeline, b".")
    try:
        launched.guard.wait(grace_seconds + GUARD_MARGIN_SECONDS)
    except subprocess.TimeoutExpired:
        launched.guard.kill()
    _take_down_after(launched.guard.wait(), marker=marker, grace_seconds=grace_seconds)


class _Report:
    """Cuts what the guard writes into lines."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            word, number = line.decode().split()
            self._tell(word, int(number))


@contextmanager
def _closed_in_the_end(launched: Launched) -> Iterator[None]:
    try:
        yield
    finally:  # a command that floods a pipe nobody reads must get an error, not stall
        for descriptor in (launched.report, launched.stdout, launched.stderr):
            os.close(descriptor)


def _take_down_after(guard_code: int, *, marker: str, grace_seconds: float) -> None:
    if guard_code != 0:
        logger.error("a guard ended with %s; taking down what it left", guard_code)
        take_down(lambda: marked(marker), grace_seconds=grace_seconds)


def _capture(output: Path | None, suffix: str, limits: Limits) -> Capture:
    path = None if output is None else output.with_name(output.name + suffix)
    return Capture(path, tail_bytes=limits.tail_bytes, max_file_bytes=limits.max_output_bytes)
