"""A worker's leases: renewed while its attempts run, which is also how it hears of cancels."""

from __future__ import annotations

import asyncio
import time

from worker_python.engines.distributed.bell import ASKED, Bell
from worker_python.engines.distributed.leases import Key, Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.local.context import report
from worker_python.engines.local.slot import Slot
from worker_python.jobs.attempt import Ending
from worker_python.jobs.errors import StoreUnavailableError


class Holding:
    """Keeps the leases of the slots it is given, and ends those that are not to go on.

    A slot whose lease is gone belongs to nobody here: it is ended as lost. So is every slot whose
    lease could not be renewed for longer than the stalled threshold, before others take its job.
    """

    def __init__(self, url: str, options: DistributedOptions) -> None:
        self._line = Line(url)
        self._leases = Leases(self._line)
        self._bell = Bell(url, ASKED, lambda _: self._woken.set())
        self._options = options
        self._slots: dict[Key, Slot] = {}
        self._woken = asyncio.Event()
        self._renewed = time.monotonic()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to renew, and to listen for cancels."""
        self._bell.start()
        self._loop = asyncio.create_task(self._renew_forever(), name="job-leases")

    async def stop(self) -> None:
        """Renew no more."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.cancel()
            await asyncio.wait([loop])
        await self._bell.stop()
        await self._line.close()

    async def hold(self, slot: Slot) -> None:
        """Hold a slot's job from now on; where that cannot be told, the next renewal does."""
        key = (slot.job.id, slot.job.token)
        self._slots[key] = slot
        try:
            if await self._leases.begin(slot.job):
                slot.ask(Ending.CANCELLED)
        except StoreUnavailableError as error:
            report(f"the lease of job {slot.job.id} is late", error)

    async def let_go(self, slot: Slot) -> None:
        """Hold it no more, and tell whoever waits that it has moved."""
        self._slots.pop((slot.job.id, slot.job.token), None)
        try:
            await self._leases.end(slot.job.id)
        except StoreUnavailableError as error:  # a lease of an ended job is read by nobody
            report(f"the lease of job {slot.job.id} stays", error)

    async def _renew_forever(self) -> None:
        while True:
            try:
                await self._renew()
            except StoreUnavailableError as error:
                report("no lease could be renewed", error)
                self._give_up()
            await self._pause()

    async def _renew(self) -> None:
        slots = dict(self._slots)
        if slots:
            ours = await self._leases.renew(list(slots))
            for key, slot in slots.items():
                if ours.get(key):
                    slot.ask(Ending.CANCELLED)
                elif key not in ours and key in self._slots:
                    await self._begin_or_lose(slot)
        self._renewed = time.monotonic()

    async def _begin_or_lose(self, slot: Slot) -> None:
        """Begin a lease that was late; one that is not to be had was taken away."""
        asked = await self._leases.begin(slot.job)
        if asked is None:
            slot.ask(Ending.LOST)
        elif asked:
            slot.ask(Ending.CANCELLED)

    def _give_up(self) -> None:
        if time.monotonic() - self._renewed > self._options.stalled_seconds * 1.1:
            for slot in self._slots.values():
                slot.ask(Ending.LOST)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._options.renew_seconds)
        except TimeoutError:
            return
        finally:
            self._woken.clear()
