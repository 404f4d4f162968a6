"""Puts the targets of both sides together, and the same apps without their servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_harness.files import recording
from parity_harness.files.recording import Recording
from parity_harness.runner.asking.recorded import RecordedTarget
from parity_harness.runner.asking.sides import Sides
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.making import Over, Side, make
from parity_harness.targets.protocol import Target
from parity_harness.targets.spec import Kind

Both = tuple[Side, Side]
Lent = AsyncIterator[Sides | None]


def recording_of(side: Side) -> Recording | None:
    """Return the recording that a side names, None where it names something that answers.

    Raises:
        ContractFileError: it cannot be read.
    """
    return recording.load(side.spec.path) if side.spec.kind is Kind.RECORDING else None


def paired(both: Both, over: Over, watchdog: Watchdog, recorded: Recording | None) -> Sides:
    """Return both sides; a recording stands for the baseline where there is one."""
    baseline, candidate = both
    first: Target
    if recorded:
        first = RecordedTarget(baseline.spec.text, recorded)
    else:
        first = make(baseline, over, watchdog)
    return Sides((first, make(candidate, over, watchdog)), together=over is Over.NETWORK)


@asynccontextmanager
async def without_servers(both: Both, over: Over, watchdog: Watchdog) -> Lent:
    """Give the same apps in process, where they are asked over the network."""
    if over is Over.PROCESS or not all(side.spec.is_app for side in both):
        yield None
        return
    sides = paired(both, Over.PROCESS, watchdog, None)
    try:
        yield sides
    finally:
        await sides.close()
