from __future__ import annotations

from collections.abc import Callable

import pytest

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.targets.in_process.watchdog import Watchdog

MakeSides = Callable[..., Sides]
CREATE = Probe("POST", "/rows", body=b"{}")
LIST = Probe("GET", "/rows")
STUCK = """
import time
def listed():
    time.sleep(60)
"""


async def test_a_side_that_answers_late_three_times_hangs(
    make_sides: MakeSides, watchdog: Watchdog
) -> None:
    watchdog.seconds = 0.01
    sides = make_sides("", STUCK)
    await sides.fresh({})
    late = [(await sides.ask(LIST))[1].response.failure for _ in range(2)]

    assert late == ["no complete answer within 0.01 s"] * 2
    with pytest.raises(TargetError, match=r"hangs: no complete answer within .*, 3 times in a row"):
        await sides.ask(LIST)


async def test_being_late_now_and_then_is_not_hanging(
    make_sides: MakeSides, watchdog: Watchdog
) -> None:
    watchdog.seconds = 0.01
    sides = make_sides(STUCK)
    await sides.fresh({})
    for _ in range(3):
        await sides.ask(LIST)
        await sides.ask(CREATE)


async def test_processes_that_only_answered_reads_are_left_alone(make_sides: MakeSides) -> None:
    targets = make_sides("", "").targets
    sides = Sides(targets, together=True)
    await sides.fresh({})
    await sides.ask(LIST)
    before = [target.app for target in targets]  # type: ignore[attr-defined]  # apps of this process
    await sides.fresh({})
    assert [target.app for target in targets] == before  # type: ignore[attr-defined]  # as above
    await sides.ask(CREATE)
    await sides.fresh({})

    assert [target.app for target in targets] != before  # type: ignore[attr-defined]  # as above


async def test_a_side_that_was_started_alone_is_known_to_be_started(
    make_sides: MakeSides,
) -> None:
    sides = make_sides("", "")
    await sides.lone(0).fresh({"A": "1"})
    await sides.lone(0).ask(CREATE)
    await sides.fresh({})
    ours, theirs = await sides.ask(LIST)

    assert ours.response.body == theirs.response.body == b"[]"
