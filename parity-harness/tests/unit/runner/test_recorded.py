from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from parity_harness.errors import ContractFileError
from parity_harness.files import recording
from parity_harness.files.recording import Recording
from parity_harness.model.contract import Eventually, Scenario, Step
from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Probe
from parity_harness.model.verdict import NoiseRule
from parity_harness.runner.asking.recorded import RecordedTarget, by_route, recorded
from parity_harness.runner.asking.scenarios import alone, both
from parity_harness.runner.asking.sides import Sides

MakeSides = Callable[..., Sides]
LIFE = Scenario(
    "life",
    (
        Step(Probe("POST", "/rows", body=b'{"name": "\xc3\xa9"}'), {"id": "/id"}),
        Step(
            Probe("GET", "/rows/{{id}}"),
            eventually=Eventually("/id", (1, 41)),
            strictness=Strictness.KEYS,
        ),
    ),
    environment={"A": "1"},
)


@pytest.fixture
async def kept(make_sides: MakeSides, tmp_path: Path) -> Recording:
    exchanges = recorded(LIFE, await alone(LIFE, make_sides("")))
    noise = (NoiseRule("POST", "/rows", "body:/id", "integer", "valid"),)
    recording.save(
        tmp_path / "kept.json", Recording("wsgi:a:b", 3, tuple(exchanges), (LIFE,), noise)
    )
    return recording.load(tmp_path / "kept.json")


def test_a_recording_keeps_scenarios_and_noise_too(kept: Recording) -> None:
    assert kept.scenarios == (LIFE,)
    assert kept.noise[0].form == "integer"
    assert [each.exchange.probe.target for each in kept.exchanges] == ["/rows", "/rows/1"]


async def test_it_stands_for_the_baseline_with_the_ids_of_then(
    kept: Recording, make_sides: MakeSides
) -> None:
    candidate = make_sides("FIRST = 40").targets[0]
    sides = Sides((RecordedTarget("recording:kept.json", kept), candidate))
    pairs = [pair async for pair in both(LIFE, sides)]

    assert [each.probe.target for each in pairs[1]] == ["/rows/1", "/rows/41"]
    assert [pair[0].response.status for pair in pairs] == [201, 200]


async def test_what_was_not_recorded_is_not_made_up(kept: Recording) -> None:
    target = RecordedTarget("recording:kept.json", kept)
    await target.start({})
    target.turn_to(LIFE)

    with pytest.raises(ContractFileError, match="no answer to GET /new here: record anew"):
        await target.send(Probe("GET", "/new"))
    await target.reset()
    assert target.expand("{tmp}") == "{tmp}"
    await target.close()


def test_probes_are_recorded_route_by_route() -> None:
    probes = [Probe("GET", "/a", route="/a"), Probe("GET", "/?"), Probe("PUT", "/a", route="/a")]
    scenarios = by_route(probes)

    assert [each.name for each in scenarios] == ["probes: /a", "probes: outside any route"]
    assert [step.probe.method for step in scenarios[0].steps] == ["GET", "PUT"]
