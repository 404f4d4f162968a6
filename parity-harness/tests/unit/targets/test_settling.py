from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.protocol import Target
from parity_harness.targets.settling import Settle, SettlingTarget

Start = Callable[..., Awaitable[Target]]
JOBS = Probe("GET", "/jobs")
CREATE = Probe("POST", "/jobs")
DONE = Settle(JOBS, "/jobs/*/status", ("done",), within_seconds=5)

# A job is done at the third look.
QUEUE = """
import json
jobs = []
def app(environ, start_response):
    start_response("201 Created" if environ["REQUEST_METHOD"] == "POST" else "200 OK", [])
    if environ["REQUEST_METHOD"] == "POST":
        jobs.append({"status": "pending", "looks": 0})
    for job in jobs:
        job["looks"] += 1
        job["status"] = "done" if job["looks"] > 3 else "pending"
    return [json.dumps({"jobs": jobs}).encode()]
"""


async def test_after_a_write_it_waits_until_all_is_done(start: Start) -> None:
    target = SettlingTarget(await start("wsgi", QUEUE), DONE)
    await target.start({})
    created = await target.send(CREATE)
    listed = await target.send(JOBS)

    assert b"pending" in created.body
    assert b"done" in listed.body
    await target.close()


async def test_a_declared_scenario_waits_by_itself(start: Start) -> None:
    target = SettlingTarget(await start("wsgi", QUEUE), DONE)
    target.turn_to(Scenario("declared", ()))
    await target.start({})
    await target.send(CREATE)
    assert b"pending" in (await target.send(JOBS)).body
    await target.reset()
    await target.send(CREATE)

    assert b"done" in (await target.send(JOBS)).body
    assert target.expand("x") == "x"


async def test_the_wait_has_an_end(start: Start) -> None:
    never = Settle(JOBS, "/jobs/*/status", ("never",), within_seconds=0.05)
    target = SettlingTarget(await start("wsgi", QUEUE), never)
    await target.start({})

    assert (await target.send(CREATE)).status == 201


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        (b'{"jobs": []}', True),
        (b'{"jobs": [{"status": "done"}, {"status": "pending"}]}', False),
        (b'{"jobs": [{"status": "done"}, {}]}', True),
        (b"<html>", True),
    ],
)
def test_all_values_must_be_reached(body: bytes, reached: object) -> None:
    assert DONE.is_reached(Response(200, body=body)) is reached
