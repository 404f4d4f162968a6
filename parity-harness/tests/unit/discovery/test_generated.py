"""Probes that Hypothesis makes, and how a diverging one is made smaller."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from parity_harness.discovery.generated import generated
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.shrinking import MOST_ATTEMPTS, shrink, smaller
from parity_harness.model.exchange import Probe


def test_the_same_seed_gives_the_same_probes(matched: Matched) -> None:
    found = list(generated(matched, 7, 40))

    assert found == list(generated(matched, 7, 40))
    assert found != list(generated(matched, 8, 40))
    assert 20 < len(found) <= 40


def test_generated_probes_fit_on_the_wire_and_are_named_by_number(matched: Matched) -> None:
    for number, probe in enumerate(generated(matched, 1, 60), 1):
        assert probe.purpose == f"generated {number}"
        assert probe.target.isascii()
        assert " " not in probe.target
        assert probe.route is not None


def test_nothing_is_generated_where_there_is_nothing_to_vary(matched: Matched) -> None:
    assert list(generated(Matched(), 0, 10)) == []
    assert list(generated(matched, 0, 0)) == []


def diverging(holds: Callable[[Probe], bool]) -> Callable[[Probe], Awaitable[bool]]:
    async def still(probe: Probe) -> bool:
        return holds(probe)

    return still


async def test_what_does_not_matter_is_left_out() -> None:
    probe = Probe(
        "POST",
        "/a?x=1&y=2",
        (("Accept", "*/*"), ("X-Key", "k")),
        json.dumps({"a": {"b": [1, 250, "long text"]}, "c": 1}).encode(),
    )

    def holds(each: Probe) -> bool:
        return "y=2" in each.target and b'"b": [' in each.body and ("X-Key", "k") in each.headers

    small = await shrink(probe, diverging(holds))

    assert small == Probe("POST", "/a?y=2", (("X-Key", "k"),), b'{"a": {"b": []}}')


async def test_numbers_and_texts_become_smaller() -> None:
    probe = Probe("POST", "/a", body=b'{"n": 1000, "f": 7.5, "t": "abcdefgh", "b": true}')

    def holds(each: Probe) -> bool:
        value = json.loads(each.body)
        return value.keys() == {"n", "f", "t", "b"} and value["n"] >= 10 and len(value["t"]) >= 3

    small = json.loads((await shrink(probe, diverging(holds))).body)

    assert small == {"n": 15, "f": 0, "t": "abc", "b": True}


async def test_a_body_that_is_no_json_is_halved() -> None:
    small = await shrink(Probe("POST", "/a", body=b"<<<<<<<<"), diverging(lambda p: b"<" in p.body))

    assert small.body == b"<"


async def test_shrinking_ends() -> None:
    attempts = 0

    async def grows(_: Probe) -> bool:
        nonlocal attempts
        attempts += 1
        return False

    body = json.dumps({f"k{n}": n + 2 for n in range(500)}).encode()
    probe = Probe("POST", "/a", body=body)

    assert await shrink(probe, grows) == probe
    assert attempts == MOST_ATTEMPTS
    assert list(smaller(Probe("GET", "/a"))) == []
