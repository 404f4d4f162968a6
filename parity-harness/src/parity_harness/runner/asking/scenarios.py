"""Performs a scenario on both sides, step by step, each with its own ids."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from parity_harness.effects import Observer, observer
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Exchange
from parity_harness.runner.asking.acting import Actor
from parity_harness.runner.asking.sides import Sides

Pair = tuple[Exchange, Exchange]


class GivenUpError(Exception):
    """A later step needs a value that one side's answers did not give; the message says which."""


async def alone(scenario: Scenario, side: Sides) -> list[Exchange]:
    """Perform a scenario on one side from a fresh state; return as many exchanges as there were."""
    await side.begin(scenario)
    actor = Actor(side, scenario, _observers(scenario, side))
    exchanges = []
    for number in range(len(scenario.steps)):
        exchange = await actor.act(number)
        if exchange is None:
            break
        exchanges.append(exchange)
    return exchanges


async def both(scenario: Scenario, sides: Sides) -> AsyncIterator[Pair]:
    """Perform a scenario on both sides from a fresh state.

    In step with each other; one after the other where effects count, which otherwise would not
    tell whose they are.

    Raises:
        GivenUpError: it cannot go on, on one side or on both.
    """
    if scenario.effects:
        first = await alone(scenario, sides.lone(0))
        second = await alone(scenario, sides.lone(1))
        for pair in zip(first, second, strict=False):
            yield pair
        if min(len(first), len(second)) < len(scenario.steps):
            raise GivenUpError("a step needs a value that an earlier answer did not give")
        return
    await sides.begin(scenario)
    turn = asyncio.Lock()
    actors = [Actor(sides.lone(side), scenario, turn=turn) for side in (0, 1)]
    for number in range(len(scenario.steps)):
        yield await _step(actors, number)


async def _step(actors: Sequence[Actor], number: int) -> Pair:
    """Let both act, one request at a time; where they wait for something, they wait together."""
    try:
        async with asyncio.TaskGroup() as acting:
            acts = [acting.create_task(actor.act(number)) for actor in actors]
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group
    ours, theirs = [act.result() for act in acts]
    if ours is None or theirs is None:
        side = "baseline" if ours is None else "candidate"
        why = actors[0].lacking or actors[1].lacking
        raise GivenUpError(f"step {number + 1} cannot be sent to the {side}: {why}")
    return ours, theirs


def _observers(scenario: Scenario, side: Sides) -> tuple[Observer, ...]:
    (target,) = side.targets
    return tuple(observer(target.expand(name)) for name in scenario.effects)
