"""A worker's leases: renewed while its attempts run, which is also how it hears of cancels."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from worker_python.engines.distributed.bell import ASKED, Bell
from worker_python.engines.distributed.leases import Key, Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.local.context import report
from worker_python.engines.local.slot import Slot
from worker_python.jobs.attempt import Ending
from worker_python.jobs.errors import StoreUnavailableError

_REMEMBERED = 100


class Holding:
    """Keeps the leases of the slots it is given, and ends those that are not to go on.

    A slot whose lease is gone belongs to nobody here: it is ended as lost. So is every slot whose
    lease could not be renewed for longer than the stalled threshold, before others take its job.
    """

    def __init__(self, url: str, options: DistributedOptions) -> None:
        self._line = Line(url)
        self._leases = Leases(self._line)
        self._bell = Bell(url, ASKED, self._on_asked)
        self._options = options
        self._held: dict[Slot, _Lease] = {}
        self._woken = asyncio.Event()
        self._rung: deque[int] = deque(maxlen=_REMEMBERED)
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to renew, and to listen for cancels."""
        self._bell.start()
        self._loops = [
            asyncio.create_task(self._renew_forever(), name="job-leases"),
            asyncio.create_task(self._give_up_forever(), name="job-leases-lost"),
        ]

    async def stop(self) -> None:
        """Renew no more."""
        loops, self._loops = self._loops, []
        for loop in loops:
            loop.cancel()
        if loops:
            await asyncio.wait(loops)
        await self._bell.stop()
        await self._line.close()

    def hold(self, slot: Slot) -> None:
        """Renew the lease of a slot's job from now on."""
        self._held[slot] = _Lease((slot.job.id, slot.job.token))
        if slot.job.id in self._rung:  # whoever asked for its end did so before we knew of it
            self._woken.set()

    def let_go(self, slot: Slot) -> None:
        """Renew it no more."""
        del self._held[slot]

    async def _renew_forever(self) -> None:
        while True:
            try:
                await self._renew()
            except StoreUnavailableError as error:
                report("no lease could be renewed", error)
            await self._pause()

    async def _give_up_forever(self) -> None:
        """End what is held once others may take it; a cut network is silent, so by the time."""
        while True:
            last = time.monotonic() - self._options.stalled_seconds * 1.1
            for slot, lease in self._held.items():
                if lease.renewed < last:
                    slot.ask(Ending.LOST)
            await asyncio.sleep(self._options.stalled_seconds / 50)

    async def _renew(self) -> None:
        asked = time.monotonic()
        held = dict(self._held)
        if not held:
            return
        ours = await self._leases.renew([lease.key for lease in held.values()])
        for slot, lease in held.items():
            if lease.key in ours:
                lease.renewed = asked
                if ours[lease.key]:
                    slot.ask(Ending.CANCELLED)
            else:
                slot.ask(Ending.LOST)

    def _on_asked(self, job_id: int) -> None:
        self._rung.append(job_id)
        self._woken.set()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._options.renew_seconds)
        except TimeoutError:
            return
        finally:
            self._woken.clear()


@dataclass(slots=True)
class _Lease:
    """Whose it is, and when it was held last."""

    key: Key
    renewed: float = field(default_factory=time.monotonic)
