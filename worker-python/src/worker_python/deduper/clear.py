"""Emptying the deduper's table: all jobs cancelled, nothing started, one command run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker_python.deduper.command import DeduperCommands
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import QuietPeriodError, WorkerError
from worker_python.jobs.ports import Engine, QuietPeriod

FAILED = "Clear table command failed"
TIMED_OUT = "Clear table command timed out"


@dataclass(frozen=True, slots=True)
class ClearReport:
    """What a clear came to.

    `cancelled` are the jobs it really cancelled, ascending. `outcome` is None unless the command
    ran to an end of its own; `error` is None only where it ended with exit code 0. `partial` where
    an old worker should have been asked too, and did not answer.
    """

    cancelled: Sequence[int]
    outcome: Outcome | None = None
    error: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Clearing:
    """Runs a clear while creates may arrive: they wait as pending until it is over."""

    engine: Engine
    commands: DeduperCommands

    async def run(self, request_id: str) -> ClearReport:
        """Cancel all jobs and run the command.

        Raises:
            ConfigurationError: a path is not set; nothing was cancelled.
        """
        command = self.commands.clear_table(request_id)
        cancelled: Sequence[int] = ()
        try:
            async with self.engine.quiet() as quiet:
                cancelled = quiet.cancelled
                return await self.empty(quiet, command)
        except QuietPeriodError as error:
            return ClearReport(error.cancelled, error=str(error))
        except (WorkerError, OSError) as error:
            return ClearReport(cancelled, error=str(error))

    async def empty(self, quiet: QuietPeriod, command: Command) -> ClearReport:
        """Empty the table while nothing runs."""
        return _report(quiet.cancelled, await quiet.run(command))


def _report(cancelled: Sequence[int], outcome: Outcome) -> ClearReport:
    match outcome.ending:
        case Ending.EXITED:
            return ClearReport(cancelled, outcome, None if outcome.exit_code == 0 else FAILED)
        case Ending.TIMED_OUT:
            return ClearReport(cancelled, error=TIMED_OUT)
        case _:
            error = outcome.error or f"Clear table command ended as {outcome.ending}"
            return ClearReport(cancelled, error=error)
