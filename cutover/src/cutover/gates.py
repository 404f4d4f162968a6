"""Gates: a measured condition to go on, and what a series of reads says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cutover.plan import Gate


class GateVerdict(StrEnum):
    """What a gate says."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # too few samples, or too few reads: it holds the stage


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of a metric: its value, and how many samples it was made from.

    `value` is None where it could not be measured; such a read is inconclusive.
    """

    value: float | None
    samples: int = 0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Reading:
        """Return a read as the ledger holds it."""
        return cls(facts["value"], facts["samples"])


@dataclass(frozen=True, slots=True)
class GateState:
    """Reads and failures of a gate since its stage began."""

    reads: int = 0
    failures: int = 0
    inconclusive: int = 0


def read(state: GateState, gate: Gate, reading: Reading) -> GateState:
    """Return the state after one more read."""
    if reading.value is None or reading.samples < gate.minimum_samples:
        return GateState(state.reads, state.failures, state.inconclusive + 1)
    failed = reading.value > gate.limit
    return GateState(state.reads + 1, state.failures + failed, state.inconclusive)


def verdict(state: GateState, gate: Gate) -> GateVerdict:
    """Return what the reads so far say."""
    if state.failures > gate.failure_limit:
        return GateVerdict.FAILED
    return GateVerdict.PASSED if state.reads >= gate.count else GateVerdict.INCONCLUSIVE


def together(verdicts: Mapping[str, GateVerdict]) -> GateVerdict:
    """Return what all gates of a stage say: one failure fails, all must pass."""
    said: Sequence[GateVerdict] = list(verdicts.values())
    if GateVerdict.FAILED in said:
        return GateVerdict.FAILED
    if GateVerdict.INCONCLUSIVE in said:
        return GateVerdict.INCONCLUSIVE
    return GateVerdict.PASSED
