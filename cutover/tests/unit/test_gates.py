"""What a series of reads says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cutover.gates import GateState, GateVerdict, Reading, read, together, verdict
from cutover.plan import Gate, Metric

GATE = Gate(metric=Metric.HTTP_5XX_SHARE, limit=0.1, count=3, failure_limit=1, minimum_samples=10)
GOOD, BAD = Reading(0.1, 10), Reading(0.11, 10)
FEW, UNKNOWN = Reading(1.0, 9), Reading(None, 100)


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ([], GateVerdict.INCONCLUSIVE),
        ([GOOD, GOOD], GateVerdict.INCONCLUSIVE),
        ([GOOD, GOOD, GOOD], GateVerdict.PASSED),
        ([GOOD, BAD, GOOD], GateVerdict.PASSED),
        ([BAD, BAD], GateVerdict.FAILED),
        ([FEW] * 9, GateVerdict.INCONCLUSIVE),
        ([UNKNOWN] * 9, GateVerdict.INCONCLUSIVE),
        ([GOOD, FEW, GOOD, UNKNOWN, GOOD], GateVerdict.PASSED),
    ],
)
def test_a_gate(readings: Sequence[Reading], said: GateVerdict) -> None:
    state = GateState()
    for reading in readings:
        state = read(state, GATE, reading)

    assert verdict(state, GATE) is said


def test_one_failing_gate_fails_all_and_one_inconclusive_holds() -> None:
    passed, failed, unsure = GateVerdict.PASSED, GateVerdict.FAILED, GateVerdict.INCONCLUSIVE

    assert together({"a": passed, "b": failed, "c": unsure}) is failed
    assert together({"a": passed, "c": unsure}) is unsure
    assert together({"a": passed}) is passed
    assert together({}) is passed
