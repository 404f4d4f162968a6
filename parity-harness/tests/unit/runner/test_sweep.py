from __future__ import annotations

from collections.abc import Callable

import pytest

from parity_harness.events import Event, ExchangeCompared
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.divergence import Kind
from parity_harness.model.exchange import Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings
from parity_harness.runner.comparing.limits import compare_limits
from parity_harness.runner.comparing.playing import Player
from parity_harness.runner.comparing.reads import StateReads
from parity_harness.runner.comparing.sweep import Sweep

MakeSides = Callable[..., Sides]
CREATE = Probe("POST", "/rows", body=b'{"name": "tea"}', route="/rows", purpose="valid")
OTHER = Probe("POST", "/rows", body=b'{"name": "salt"}', route="/rows", purpose="other")
LIST = Probe("GET", "/rows", route="/rows", purpose="list")
READ = Probe("GET", "/rows/1", route="/rows/{key}", purpose="read")
STATE = Probe("GET", "/rows", route="/rows", purpose="state")


@pytest.fixture
def sweep_of(findings: Findings) -> Callable[..., Sweep]:
    def make(sides: Sides, seconds: float | None = None) -> Sweep:
        return Sweep(sides, findings, StateReads((STATE,), findings), Budget(seconds))

    return make


def kinds(findings: Findings) -> list[tuple[Kind, str, str]]:
    found = (each.divergence for each in findings.sightings.values())
    return [(each.kind, each.method, each.purpose) for each in found]


async def test_sides_that_agree_leave_nothing(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    sent = await sweep_of(make_sides("", "")).run([CREATE, LIST, READ, OTHER])

    assert sent == 4
    assert findings.sightings == {}
    assert findings.tally.counts["fresh states"] == 1


async def test_a_write_that_stores_something_else_is_a_difference_of_state(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    forgetful = """
    def create(body):
        key = FIRST + next(ids)
        rows[key] = {"id": key, **body, **({"name": "?"} if body["name"] == "salt" else {})}
        return STATUS, {"id": key, **body}
    """
    await sweep_of(make_sides("", forgetful)).run([CREATE, OTHER, READ, LIST])

    assert kinds(findings) == [(Kind.STATE, "POST", "other")]
    (sighting,) = findings.sightings.values()
    assert sighting.divergence.path == "state:/rows/body:/1/name"
    assert [step.probe for step in sighting.steps] == [CREATE, OTHER]
    assert findings.tally.counts["fresh states"] == 2


async def test_what_a_scenario_shows_after_a_write_that_parted_the_states_follows_from_it(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    losing = """
    def create(body):
        return STATUS, {"id": FIRST + next(ids), **body}
    """
    sides = make_sides("", losing)
    await sweep_of(sides).run([CREATE])
    (parted,) = findings.sightings
    life = Scenario("life", (Step(CREATE, {"id": "/id"}), Step(Probe("GET", "/rows/{{id}}"))))
    shown = await Player(sides, findings, StateReads((), findings)).play(life)

    assert [(each.path, each.follows) for each in shown] == [("status", parted)]


async def test_one_divergence_in_a_write_does_not_poison_what_follows(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    refusing = """
    kept = create
    def create(body):
        return (422, {"detail": []}) if body["name"] == "salt" else kept(body)
    """
    await sweep_of(make_sides("", refusing)).run([CREATE, OTHER, READ, LIST, CREATE, LIST])
    found = kinds(findings)

    assert (Kind.STATUS, "POST", "other") in found
    assert {purpose for _, _, purpose in found} == {"other"}


async def test_a_read_that_is_at_fault_is_not_blamed_on_a_write(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    short = "listed = lambda: (200, list(rows.values())[1:])"
    await sweep_of(make_sides(*("rows[0] = {}; " + each for each in ("", short)))).run(
        [LIST, CREATE, OTHER]
    )

    assert {(kind, method) for kind, method, _ in kinds(findings)} == {(Kind.LENGTH, "GET")}
    assert findings.tally.counts["fresh states"] == 1


async def test_a_get_that_writes_on_one_side_is_found(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    counting = """
    plain = read
    def read(key):
        rows[99] = {"id": 99}
        return plain(key)
    """
    await sweep_of(make_sides("", counting)).run([CREATE, READ])

    assert kinds(findings) == [(Kind.STATE, "GET", "read")]


async def test_an_operation_that_always_parts_the_states_is_left_out_in_the_end(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings, heard: list[Event]
) -> None:
    sides = make_sides("", 'create = lambda body: (500, {"detail": []})')
    await sweep_of(sides).run([CREATE] * 20)
    sent = [each for each in heard if isinstance(each, ExchangeCompared)]

    assert len(sent) == 12
    assert "further requests to POST /rows were left out" in findings.notes[0]


async def test_a_limit_that_probing_ran_into_is_no_divergence(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    sweep = sweep_of(make_sides("LIMIT = 9", "LIMIT = 9"))
    await sweep.run([LIST] * 30)

    assert findings.sightings == {}
    assert sweep.limited == {"/rows": LIST}
    assert findings.tally.counts["fresh states"] > 2


@pytest.mark.parametrize(("limit", "found"), [(9, []), (4, [Kind.STATUS]), (1000, [Kind.STATUS])])
async def test_limits_are_compared_on_purpose(
    make_sides: MakeSides, findings: Findings, limit: int, found: list[Kind]
) -> None:
    sides = make_sides("LIMIT = 9", f"LIMIT = {limit}")
    await compare_limits([LIST], sides, findings)

    assert [kind for kind, _, _ in kinds(findings)] == found


async def test_the_budget_cuts_the_tail(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep]
) -> None:
    assert await sweep_of(make_sides("", ""), 0.0).run([LIST] * 5) == 0


async def test_a_read_that_differs_from_the_start_tells_nothing_of_later_writes(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    turned = "rows[0] = {'id': 0}\nlisted = lambda: (200, [len(rows), *rows.values()])"
    other = "rows[0] = {'id': 0}\nlisted = lambda: (200, [-len(rows), *rows.values()])"
    await sweep_of(make_sides(turned, other)).run([CREATE, OTHER])

    assert {(kind, method) for kind, method, _ in kinds(findings)} == {(Kind.VALUE, "GET")}


async def test_what_follows_from_a_missing_row_is_not_told_beside_it(
    make_sides: MakeSides, sweep_of: Callable[..., Sweep], findings: Findings
) -> None:
    losing = """
    def create(body):
        rows[next(ids)] = {"id": 5, **body}
        rows.pop(1, None)
        return STATUS, {"id": len(rows) + 1, **body}
    """
    keeping = """
    def create(body):
        rows[next(ids)] = {"id": 5, **body}
        return STATUS, {"id": len(rows) + (len(rows) < 1), **body}
    """
    await sweep_of(make_sides(keeping, losing)).run([CREATE])
    found = [each.divergence for each in findings.sightings.values() if each.read]

    assert [each.kind for each in found] == [Kind.STATE]
    assert found[0].path == "state:/rows/body:"
