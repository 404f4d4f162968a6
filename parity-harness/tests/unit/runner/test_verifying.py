from __future__ import annotations

from collections.abc import Callable

from parity_harness.events import Event
from parity_harness.model.contract import Step
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.budget import Budget
from parity_harness.runner.comparing.findings import Findings, Sighting
from parity_harness.runner.proving.confirming import Confirmer
from parity_harness.runner.proving.verifying import Verifier

MakeSides = Callable[..., Sides]
CREATE = Probe("POST", "/rows", body=b"{}", route="/rows", purpose="valid")
LIST = Probe("GET", "/rows", route="/rows", purpose="list")
SHORT = """
def listed():
    return 200, list(rows.values())[:2]
"""


def nobody(event: Event) -> None:
    del event


async def sighted(sides: Sides, findings: Findings, *probes: Probe) -> Sighting:
    """See what the last of several probes shows, as a run does."""
    await sides.fresh({})
    for probe in probes:
        ours, theirs = await sides.ask(probe)
    steps = tuple(map(Step, probes))
    found = findings.judge(ours, theirs)
    findings.keep([Sighting(found[0], Evidence(ours, theirs), steps)])
    return findings.sightings[found[0].fingerprint]


async def test_only_the_steps_that_are_needed_are_kept(
    make_sides: MakeSides, findings: Findings
) -> None:
    sides = make_sides("", SHORT)
    probes = (LIST, CREATE, LIST, CREATE, CREATE, CREATE, LIST)
    await sighted(sides, findings, *probes)
    await Verifier(Confirmer(sides, findings), findings).verify(Budget(None), nobody)
    (sighting,) = findings.sightings.values()
    shown = sighting.divergence.reproduction

    assert shown.count('"$BASELINE"/rows -X') == 0
    assert shown.count("-X POST") == 2 * 3
    assert shown.count("-X GET") == 2 * 1


async def test_one_request_is_enough_where_it_is(make_sides: MakeSides, findings: Findings) -> None:
    sides = make_sides("", "STATUS = 200")
    await sighted(sides, findings, LIST, CREATE)
    await Verifier(Confirmer(sides, findings), findings).verify(Budget(None), nobody)
    (sighting,) = findings.sightings.values()

    assert sighting.divergence.reproduction.count("curl -si") == 2


async def test_what_never_shows_again_is_a_note(make_sides: MakeSides, findings: Findings) -> None:
    await sighted(make_sides("", "STATUS = 200"), findings, CREATE)
    alike = make_sides("", "")
    await Verifier(Confirmer(alike, findings), findings).verify(Budget(None), nobody)

    assert findings.sightings == {}
    assert findings.notes[0].startswith("seen once and never again, so not counted: POST /rows")


async def test_what_only_servers_show_is_theirs(make_sides: MakeSides, findings: Findings) -> None:
    over_network = make_sides("", "STATUS = 200")
    await sighted(over_network, findings, CREATE)
    in_process = Confirmer(make_sides("", ""), findings)
    verifier = Verifier(Confirmer(over_network, findings), findings, in_process)
    await verifier.verify(Budget(None), nobody)

    assert findings.sightings == {}
    assert findings.notes[0].startswith("the servers differ here, not the apps: POST /rows")


async def test_what_both_ways_show_is_the_apps(make_sides: MakeSides, findings: Findings) -> None:
    sides = make_sides("", "STATUS = 200")
    await sighted(sides, findings, LIST, CREATE)
    in_process = Confirmer(make_sides("", "STATUS = 200"), findings)
    verifier = Verifier(Confirmer(sides, findings), findings, in_process)
    await verifier.verify(Budget(None), nobody)

    assert len(findings.sightings) == 1


async def test_without_time_what_was_seen_is_told_as_it_was_seen(
    make_sides: MakeSides, findings: Findings
) -> None:
    sides = make_sides("", "STATUS = 200")
    await sighted(sides, findings, LIST, CREATE)
    await Verifier(Confirmer(sides, findings), findings).verify(Budget(0.0), nobody)
    (sighting,) = findings.sightings.values()

    assert sighting.divergence.reproduction.count("curl -si") == 2
    assert "the budget ended" in findings.notes[0]


async def test_a_request_drawn_at_random_is_made_smaller(
    make_sides: MakeSides, findings: Findings
) -> None:
    sides = make_sides("", "STATUS = 200")
    body = b'{"name": "aaaaaaaaaaaa", "x": [1, 2, 3]}'
    drawn = Probe("POST", "/rows?a=1&b=2", (("X-A", "1"),), body, "/rows", "generated 7")
    await sighted(sides, findings, drawn)
    await Verifier(Confirmer(sides, findings), findings).verify(Budget(None), nobody)
    (sighting,) = findings.sightings.values()

    assert "a=1" not in sighting.divergence.reproduction
    assert "X-A" not in sighting.divergence.reproduction
