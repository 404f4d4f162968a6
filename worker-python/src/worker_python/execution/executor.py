"""Runs one command as one attempt, under a guard."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from worker_python.execution.attempt import GuardedAttempt
from worker_python.execution.identity import marked
from worker_python.execution.launch import check, launch
from worker_python.execution.termination import take_down, take_down_guard
from worker_python.execution.watch import Limits
from worker_python.jobs.attempt import Command
from worker_python.jobs.job import ProcessIdentity
from worker_python.jobs.ports import AttemptNotStartedError

logger = logging.getLogger(__name__)


class GuardedExecutor:
    """The `Executor` whose attempts leave no process behind, however they or the service end.

    That takes Linux 5.4 or newer. On another Unix a stop reaches the command's own process group
    only, and nothing is found again after a crash; one warning says so.

    Args:
        grace_seconds: from SIGTERM to SIGKILL.
        tail_bytes: how much of the end of each stream goes into the outcome.
        max_output_bytes: how much of each stream is kept in its file, from its beginning.
        interpreter: the Python 3.11 or newer that runs the guard.
    """

    def __init__(
        self,
        *,
        grace_seconds: float = 1.0,
        tail_bytes: int = 64 * 1024,
        max_output_bytes: int = 64 * 1024 * 1024,
        interpreter: Path = Path(sys.executable),
    ) -> None:
        self._limits = Limits(grace_seconds, tail_bytes, max_output_bytes)
        self._interpreter = interpreter
        if not sys.platform.startswith("linux"):
            logger.warning("not on Linux: descendants that change session can outlive an attempt")

    async def start(self, command: Command, *, marker: str) -> GuardedAttempt:
        """Start a command under a guard; returns once it runs.

        `marker` must be unlike that of any other attempt: whatever carries it is taken down.

        Raises:
            AttemptNotStartedError: no process came to be; the message says why.
        """
        check(command)
        try:
            launched = launch(
                command,
                marker=marker,
                interpreter=self._interpreter,
                grace_seconds=self._limits.grace_seconds,
            )
        except (OSError, ValueError) as error:
            raise AttemptNotStartedError(f"no process can be started: {error}") from error
        attempt = GuardedAttempt(launched, command)
        attempt.follow(marker=marker, limits=self._limits)
        await attempt.started()
        return attempt

    async def recover(self, process: ProcessIdentity | None, *, marker: str) -> bool:
        """Take down whatever is left of an attempt of a crashed service.

        Its guard is given the time to do so itself. What carries the marker is found without it.
        Returns whether anything was alive. When it returns, nothing is.
        """
        return await asyncio.to_thread(self._take_down, process, marker)

    def _take_down(self, process: ProcessIdentity | None, marker: str) -> bool:
        grace_seconds = self._limits.grace_seconds
        guarded = process is not None and take_down_guard(process, grace_seconds=grace_seconds)
        unguarded = take_down(lambda: marked(marker), grace_seconds=grace_seconds)
        return guarded or unguarded
