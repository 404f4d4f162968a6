from __future__ import annotations

import builtins
import sys
from collections.abc import Callable

import pytest

from parity_harness.model.contract import Eventually, Scenario, Step
from parity_harness.model.exchange import Probe
from parity_harness.runner.asking.scenarios import GivenUpError, alone, both
from parity_harness.runner.asking.sides import Sides

MakeSides = Callable[..., Sides]
CREATE = Step(Probe("POST", "/rows", body=b'{"name": "tea"}'), {"id": "/id"})
READ = Step(Probe("GET", "/rows/{{id}}"))


async def test_each_side_goes_on_with_its_own_id(make_sides: MakeSides) -> None:
    sides = make_sides("", "FIRST = 40")
    pairs = [pair async for pair in both(Scenario("life", (CREATE, READ)), sides)]

    assert [each.probe.target for each in pairs[1]] == ["/rows/1", "/rows/41"]
    assert [each.response.status for each in pairs[1]] == [200, 200]


async def test_a_scenario_begins_afresh(make_sides: MakeSides) -> None:
    side = make_sides("")
    scenario = Scenario("life", (CREATE,))
    answers = [(await alone(scenario, side))[0].response.body for _ in range(2)]

    assert answers[0] == answers[1]


async def test_it_ends_where_one_side_cannot_go_on(make_sides: MakeSides) -> None:
    sides = make_sides("", 'create = lambda body: (422, {"detail": []})')
    seen = []
    playing = both(Scenario("life", (CREATE, READ)), sides)
    seen.append(await anext(playing))
    with pytest.raises(GivenUpError, match=r"step 2 cannot be sent to the candidate: .*'id'"):
        await anext(playing)

    assert len(seen) == 1
    assert len(await alone(Scenario("life", (CREATE, READ)), sides.lone(1))) == 1


async def test_a_step_is_repeated_until_its_value_is_reached(make_sides: MakeSides) -> None:
    side = make_sides('answer = lambda *_: (200, {"n": next(ids)})')
    wanted = Eventually("/n", (3,), every_seconds=0.001)
    step = Step(Probe("GET", "/rows"), eventually=wanted)
    (exchange,) = await alone(Scenario("wait", (step,)), side)

    assert exchange.response.body == b'{"n": 3}'


async def test_both_sides_wait_at_the_same_time(make_sides: MakeSides) -> None:
    source = """
        import builtins
        asked = builtins.__dict__.setdefault("parity_asked", [])
        def answer(*_):
            asked.append(SIDE)
            return (200, {"n": asked.count(SIDE)})
    """
    sides = make_sides(source.replace("SIDE", "0"), source.replace("SIDE", "1"))
    wanted = Eventually("/n", (3,), every_seconds=0.001)
    step = Step(Probe("GET", "/rows"), eventually=wanted)
    [_ async for _ in both(Scenario("wait", (step,)), sides)]

    assert vars(builtins).pop("parity_asked") == [0, 1, 0, 1, 0, 1]


async def test_a_value_that_is_never_reached_ends_at_the_limit(make_sides: MakeSides) -> None:
    side = make_sides("")
    wanted = Eventually("/n", (3,), within_seconds=0.05, every_seconds=0.01)
    step = Step(Probe("GET", "/rows"), eventually=wanted)
    (exchange,) = await alone(Scenario("wait", (step,)), side)

    assert exchange.response.body == b"[]"


async def test_the_environment_is_there_before_the_app_is_made(make_sides: MakeSides) -> None:
    sides = make_sides(*(['FIRST = int(os.environ.get("FIRST", 0))'] * 2))
    for first in ("7", "9"):
        scenario = Scenario("life", (CREATE,), environment={"FIRST": first})
        (pair,) = [pair async for pair in both(scenario, sides)]
        assert all(f'"id": {int(first) + 1}'.encode() in each.response.body for each in pair)


async def test_effects_belong_to_the_side_that_had_them(make_sides: MakeSides) -> None:
    spawning = f"""
    import subprocess
    def listed():
        subprocess.run([{sys.executable!r}, "-c", ""], check=True)
        return 200, []
    """
    sides = make_sides("", spawning)
    scenario = Scenario("list", (Step(Probe("GET", "/rows")),), effects=("processes",))
    ((ours, theirs),) = [pair async for pair in both(scenario, sides)]

    assert ours.effects == ()
    assert [effect.kind for effect in theirs.effects] == ["process"]


async def test_with_effects_too_it_is_said_where_a_side_cannot_go_on(
    make_sides: MakeSides,
) -> None:
    sides = make_sides("", 'create = lambda body: (422, {"detail": []})')
    playing = both(Scenario("life", (CREATE, READ), effects=("processes",)), sides)
    await anext(playing)
    with pytest.raises(GivenUpError):
        await anext(playing)
