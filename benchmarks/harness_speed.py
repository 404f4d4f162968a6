"""How fast the harness is, beside the apps alone and beside Schemathesis, in one run.

    .venv/bin/python benchmarks/harness_speed.py [--seconds 3]

Prints one line a measurement and the ratios; exits with 1 where a target is missed. What runs in
this process alone is measured in seconds of processor time, so that a busy machine does not blur
the ratios; what needs servers, and the whole command, by the clock on the wall.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup

from parity_harness.compare.diff import compare
from parity_harness.compare.rules import Rules
from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.making import Over, Side, make
from parity_harness.targets.spec import parse

APPS = Path(__file__).parent.parent / "parity-harness" / "tests" / "apps"
BASELINE = f"wsgi:{APPS}/crud_flask:create_app()"
CANDIDATE = f"asgi:{APPS}/crud_fastapi:create_app()"
SMALL = tuple(
    Probe("GET", target, (("Host", "localhost"),), route=route)
    for target, route in (
        ("/notes/n3", "/notes/{key}"),
        ("/notes/none", "/notes/{key}"),
        ("/notes/n7", "/notes/{key}"),
    )
)


@dataclass(frozen=True, slots=True)
class Measured:
    """So many of something in so many seconds, and how many a second there should be."""

    what: str
    count: int
    seconds: float
    least: float = 0.0

    @property
    def rate(self) -> float:
        """Return how many a second."""
        return self.count / self.seconds

    @property
    def is_enough(self) -> bool:
        """Tell whether the target is met."""
        return self.rate >= self.least


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each measurement")
    seconds = parser.parse_args(arguments).seconds
    logging.disable(logging.CRITICAL)
    sys.path.insert(0, str(APPS))
    in_process = asyncio.run(_pairs(Over.PROCESS, seconds, least=3000))
    over_loopback = asyncio.run(_pairs(Over.NETWORK, seconds, least=600))
    alone = asyncio.run(_apps_alone(seconds))
    fuzzed = _schemathesis(seconds)
    measured = (alone, in_process, over_loopback, fuzzed)
    verdict = _seconds_to_verdict()
    for each in measured:
        target = f"  (target {each.least:,.0f}{'' if each.is_enough else ': MISSED'})"
        print(f"{each.what:<52}{each.rate:>8,.0f} /s{target if each.least else ''}")
    for what, ratio in (
        ("in process beside the apps alone", in_process.rate / alone.rate),
        ("in process beside Schemathesis", in_process.rate / fuzzed.rate),
        ("over loopback beside Schemathesis in process", over_loopback.rate / fuzzed.rate),
    ):
        print(f"{what:<52}{ratio:>8.2f} ×")
    print(f"{'from nothing to a verdict on eleven operations':<52}{verdict:>8.1f} s  (target 5)")
    return 0 if all(each.is_enough for each in measured) and verdict < 5 else 1


def _seconds_to_verdict() -> float:
    """Run the command as a user does, on a pair that is equal."""
    pair = ("wsgi:members_flask:create_app()", "asgi:members_fastapi:create_app()")
    command = [
        str(Path(sys.executable).parent / "parity"),
        "check",
        "--baseline",
        pair[0],
        "--candidate",
        pair[1],
    ]
    started = time.perf_counter()
    subprocess.run(command, cwd=APPS, check=True, capture_output=True)
    return time.perf_counter() - started


async def _pairs(over: Over, seconds: float, *, least: float) -> Measured:
    """Ask both sides and compare, as a run does."""
    rules = Rules()

    async def pair(probe: Probe) -> None:
        baseline, candidate = await sides.ask(probe)
        found = compare(baseline, candidate, rules, Strictness.VALUES)
        assert not found, found

    with Watchdog(10) as watchdog:
        both = [make(Side(parse(text)), over, watchdog) for text in (BASELINE, CANDIDATE)]
        sides = Sides(both, together=over is Over.NETWORK)
        try:
            await sides.fresh({})
            clock = time.perf_counter if over is Over.NETWORK else time.process_time
            count, spent = await _repeat(pair, seconds, clock)
        finally:
            await sides.close()
    return Measured(f"harness, over {over}: pairs compared", count, spent, least)


async def _apps_alone(seconds: float) -> Measured:
    """Call both apps with nothing around them: no harness can be faster."""
    baseline = import_module("crud_flask").create_app()
    candidate = import_module("crud_fastapi").create_app()

    async def pair(probe: Probe) -> None:
        path, _, query = probe.target.partition("?")
        b"".join(baseline(_environ(path, query), lambda *_: None))
        await candidate(_scope(path, query), _nothing, _ignore)

    count, spent = await _repeat(pair, seconds, time.process_time)
    return Measured("the two apps alone: pairs called", count, spent)


async def _repeat(
    ask: Callable[[Probe], Awaitable[None]], seconds: float, clock: Callable[[], float]
) -> tuple[int, float]:
    for probe in SMALL:
        await ask(probe)  # imports and caches are no part of the rate
    count, started = 0, clock()
    for probe in cycle(SMALL):
        await ask(probe)
        count += 1
        spent = clock() - started
        if spent >= seconds:
            break
    return count, spent


def _schemathesis(seconds: float) -> Measured:
    """Let Schemathesis make, send and check cases for the candidate, in process."""
    app = import_module("crud_fastapi").create_app()
    schema = schemathesis.openapi.from_dict(app.openapi())
    count, started = 0, time.process_time()
    warnings.simplefilter("ignore")
    for operation in _forever(schema):
        count += _cases_of(operation, app)
        spent = time.process_time() - started
        if spent >= seconds:
            break
    return Measured("Schemathesis on the candidate, in process: cases", count, spent)


def _forever(schema: Any) -> Iterator[Any]:  # noqa: ANN401 - Schemathesis' own types are not exported
    while True:
        for result in schema.get_all_operations():
            yield result.ok()


def _cases_of(operation: Any, app: Any) -> int:  # noqa: ANN401 - as above
    count = 0

    @settings(
        max_examples=20,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:  # noqa: ANN401 - as above
        nonlocal count
        count += 1
        response = case.call(base_url="http://localhost", app=app)
        with suppress(FailureGroup):  # what it finds is not measured here
            case.validate_response(response)

    ask()
    return count


def _environ(path: str, query: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }


def _scope(path: str, query: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignore(_: Any) -> None:  # noqa: ANN401 - any message
    return


if __name__ == "__main__":
    sys.exit(main())
