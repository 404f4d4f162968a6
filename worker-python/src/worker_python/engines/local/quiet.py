"""A time in which no attempt runs, for a command that must have the deduper's table to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from worker_python.engines.local.context import take_down
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.ports import Attempt, AttemptNotStartedError, Executor


class Quiet:
    """Implements `jobs.ports.QuietPeriod`."""

    def __init__(self, executor: Executor, marker: str, cancelled: Sequence[int]) -> None:
        self._executor = executor
        self._marker = marker
        self._cancelled = tuple(sorted(cancelled))
        self._attempt: Attempt | None = None
        self._wish: Ending | None = None

    @property
    def cancelled(self) -> Sequence[int]:
        """Ids of the jobs that were cancelled for it, ascending."""
        return self._cancelled

    async def run(self, command: Command) -> Outcome:
        """Run a maintenance command; whoever gives up waiting for it stops it."""
        if self._wish is not None:
            return Outcome(self._wish)
        return await self._run(command)

    def stop(self, ending: Ending) -> None:
        """Stop the command, now or as soon as it is started."""
        self._wish = ending
        if self._attempt is not None:
            self._attempt.stop(ending)

    async def _run(self, command: Command) -> Outcome:
        try:
            attempt = await self._executor.start(command, marker=self._marker)
        except AttemptNotStartedError as error:
            return Outcome(Ending.NOT_STARTED, error=str(error))
        except Exception:  # a defect of the executor: what it has begun must not run beside jobs
            await take_down(self._executor, None, marker=self._marker)
            raise
        self._attempt = attempt
        if self._wish is not None:
            attempt.stop(self._wish)
        return await _wait_or_stop(attempt)


async def _wait_or_stop(attempt: Attempt) -> Outcome:
    try:
        return await attempt.wait()
    except asyncio.CancelledError:
        attempt.stop(Ending.CANCELLED)
        await attempt.wait()
        raise
