"""Runs the harness on apps that are alike, with one seed after another: no run may find anything.

    .venv/bin/python benchmarks/harness_false_alarms.py [--runs 100] [TWIN …]

A line for each pair; exits with 1 where a run raised an alarm, and shows what it was.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from parity_harness.config import Config, load, of_targets
from parity_harness.session import Session

ROOT = Path(__file__).parent.parent
APPS = ROOT / "parity-harness" / "tests" / "apps"
CONTRACT = ROOT / "worker-python" / "tests" / "contracts" / "parity.toml"
TWINS = ("crud", "files", "members", "ledger", "worker")
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Two apps that are alike: a twin's baseline, and that again or its port."""

    twin: str
    is_itself: bool

    @property
    def name(self) -> str:
        """Say what is compared."""
        return f"{self.twin}'s baseline and {'itself' if self.is_itself else 'its port'}"

    @property
    def config(self) -> Config:
        """What a run goes by; the worker by its contract, without its scenarios."""
        if self.twin == "worker":
            contract = replace(load(CONTRACT), scenarios=())
            if not self.is_itself:
                return contract
            return replace(contract, candidate=contract.baseline, decisions=None)
        baseline = f"wsgi:{self.twin}_flask:create_app()"
        port = f"asgi:{self.twin}_fastapi:create_app()"
        return of_targets(baseline, baseline if self.is_itself else port, APPS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every pair as often as asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100, help="of each pair, a seed each")
    parser.add_argument("twins", nargs="*", default=TWINS)
    options = parser.parse_args(arguments)
    alarms = 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        for pair in (Pair(twin, itself) for twin in options.twins for itself in (True, False)):
            started = time.perf_counter()
            found = list(pool.map(partial(_alarms, pair), range(options.runs)))
            seconds = time.perf_counter() - started
            loud = [(seed, alarm) for seed, each in enumerate(found) for alarm in each]
            alarms += len(loud)
            print(f"{pair.name}: {options.runs} runs in {seconds:.0f} s,"
                  f" {sum(bool(each) for each in found)} with an alarm", flush=True)  # fmt: skip
            for seed, alarm in loud:
                print(f"  seed {seed}: {alarm}", flush=True)
    return 1 if alarms else 0


def _alarms(pair: Pair, seed: int) -> list[str]:
    logging.disable(logging.CRITICAL)  # the apps log what they fail at, which is asked for
    return asyncio.run(_run(pair, seed))


async def _run(pair: Pair, seed: int) -> list[str]:
    config = replace(pair.config, seed=seed)
    async with Session(config) as session:
        report = await session.run()
    return [
        f"{each.method} {each.route} ({each.purpose}), {each.path}:"
        f" {each.baseline} → {each.candidate}"
        for each in report.judgement.open
    ]


if __name__ == "__main__":
    sys.exit(main())
