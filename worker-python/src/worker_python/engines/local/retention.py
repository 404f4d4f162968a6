"""How long ended jobs are kept, and what they wrote with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from worker_python.engines.local.context import Context, report
from worker_python.engines.outputs import OutputFolder
from worker_python.jobs.errors import StoreUnavailableError


@dataclass(frozen=True, slots=True)
class Keep:
    """Ended jobs beyond the newest `jobs`, and those older than `days`, go; None keeps all.

    Their files in `outputs` go with them, and at the start those of any job that is not kept.
    """

    jobs: int | None = None
    days: float | None = None
    outputs: OutputFolder | None = None
    look_every_seconds: float = 60.0

    @property
    def everything(self) -> bool:
        """Whether nothing ever goes."""
        return self.jobs is None and self.days is None


class Retention:
    """Prunes the store at the start and every so often."""

    def __init__(self, context: Context, keep: Keep) -> None:
        self._context = context
        self._keep = keep
        self._outputs_due = True
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, where anything is ever to go."""
        if not self._keep.everything:
            self._loop = asyncio.create_task(self._prune_forever(), name="job-retention")

    async def stop(self) -> None:
        """Prune no more."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.cancel()
            await asyncio.wait([loop])

    async def _prune_forever(self) -> None:
        while True:
            try:
                await self._prune()
            except (StoreUnavailableError, OSError) as error:
                report("old jobs could not be pruned; it will be tried again", error)
            await self._context.pause(self._keep.look_every_seconds)

    async def _prune(self) -> None:
        days = self._keep.days
        ended_before = None if days is None else self._context.clock() - timedelta(days=days)
        pruned = await self._context.store.prune(keep=self._keep.jobs, ended_before=ended_before)
        outputs = self._keep.outputs
        if outputs is not None and (pruned or self._outputs_due):
            self._outputs_due = True  # until it is done: an error leaves it for the next time
            await self._delete_outputs(outputs)
            self._outputs_due = False

    async def _delete_outputs(self, outputs: OutputFolder) -> None:
        """Delete the files of jobs that are not kept.

        Which have files is asked first: a job is kept before it writes, so none is missed there.
        """
        gone = set(await asyncio.to_thread(outputs.jobs))
        if not gone:
            return
        async for batch in self._context.store.summaries():
            gone.difference_update(job.id for job in batch)
        await asyncio.to_thread(outputs.delete, gone)
