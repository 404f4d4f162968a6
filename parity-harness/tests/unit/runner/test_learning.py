from __future__ import annotations

from collections.abc import Callable

from parity_harness.compare.rules import Rules
from parity_harness.discovery.inventory import Matched
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings
from parity_harness.runner.comparing.playing import Player
from parity_harness.runner.comparing.reads import StateReads
from parity_harness.runner.preparing.learning import Learner

MakeSides = Callable[..., Sides]
CREATE = Probe("POST", "/rows", body=b"{}", route="/rows", purpose="valid")
LIST = Probe("GET", "/rows", route="/rows", purpose="state")
OTHER = Probe("GET", "/other", route="/other", purpose="state")
ITSELF = Probe("GET", "/itself", route="/itself", purpose="state")


def learner_of(side: Sides) -> Learner:
    return Learner(side, Budget(None))


async def test_what_the_baseline_does_not_repeat_is_noise(make_sides: MakeSides) -> None:
    side = make_sides("""
        import uuid
        def create(body):
            return 201, {"id": str(uuid.uuid4()), "kind": "row"}
    """)
    learner = learner_of(side)
    probes = await learner.probes(Matched(), [CREATE])
    (rule,) = learner.noise()

    assert probes == [CREATE]
    assert (rule.method, rule.route, rule.path) == ("POST", "/rows", "body:/id")
    assert "uuid4" in rule.form


async def test_the_play_of_a_declared_scenario_is_its_second_run(make_sides: MakeSides) -> None:
    store = """
        import uuid
        def create(body):
            return 201, {"id": str(uuid.uuid4()), "kind": "row"}
    """
    sides = make_sides(store, store.replace("row", "line"))
    findings = Findings(lambda _: None, Rules())
    life = Scenario("life", (Step(CREATE),))
    rehearsals = await learner_of(sides.lone(0)).rehearse([life])
    player = Player(sides, findings, StateReads((), findings), rehearsals["life"])
    shown = await player.play(life)

    assert [(rule.path, rule.form) for rule in findings.rules.noise] == [("body:/id", "uuid4")]
    assert [each.path for each in shown] == ["body:/kind"]


async def test_a_baseline_that_repeats_itself_has_no_noise(make_sides: MakeSides) -> None:
    learner = learner_of(make_sides(""))
    await learner.probes(Matched(), [CREATE, LIST])
    await learner.scenarios([Scenario("life", (Step(CREATE), Step(LIST)))])

    assert learner.noise() == ()
    assert len(learner.seen) == 4


async def test_limits_are_not_learned_from(make_sides: MakeSides) -> None:
    learner = learner_of(make_sides("LIMIT = 2"))
    await learner.probes(Matched(), [LIST] * 7)

    assert {one.response.status for one, _ in learner.seen} == {200}


READS = """
def answer(method, path, body):
    if path == "/other":
        return OTHER()
    if path == "/itself":
        return ITSELF()
    return listed()
OTHER = ITSELF = lambda: (200, "always the same")
"""


async def test_reads_that_change_nothing_are_all_kept(make_sides: MakeSides) -> None:
    learner = learner_of(make_sides(READS))

    assert await learner.harmless((LIST, OTHER, ITSELF), ()) == (LIST, OTHER, ITSELF)


async def test_a_read_that_creates_or_changes_another_is_left_out(make_sides: MakeSides) -> None:
    changing = """
OTHER = lambda: (200, rows.update({len(rows): {"n": len(rows)}}))
ITSELF = lambda: (201, {"id": 1})
"""
    learner = learner_of(make_sides(READS + changing))

    assert await learner.harmless((OTHER, LIST, ITSELF), ()) == (LIST,)


async def test_a_read_that_counts_itself_is_left_out(make_sides: MakeSides) -> None:
    learner = learner_of(make_sides(READS + "\nITSELF = lambda: (200, next(ids))\n"))

    assert await learner.harmless((LIST, ITSELF, OTHER), ()) == (LIST, OTHER)
