"""`cutover plan` and `config`: what the plan file says, to people and to Envoy."""

from __future__ import annotations

import argparse
import json

from cutover.controller import in_force
from cutover.envoy.config import bootstrap
from cutover.ledger import Ledger
from cutover.plan import Gate, load


def plan(options: argparse.Namespace) -> None:
    """Read the plan file and say what it means.

    Names every mistake in it with its place, and then ends with exit code 2. Start from
    cutover/cutover.example.toml, which explains every line.
    """
    said = load(options.plan)
    print(f"baseline   {said.baseline.url}")
    print(f"candidate  {said.candidate.url}, job ids from {said.candidate.job_id_start}")
    print(f"edge       {said.edge.listen}, admin {said.edge.admin}")
    if said.harness:
        print(f"harness    {' '.join(said.harness)}")
    for stage in said.stages:
        print(f"\n{stage.share:>3} %  {stage.name}")
        for name in stage.gates:
            print(f"       {name}: {_meaning(said.gates[name])}")


def config(options: argparse.Namespace) -> None:
    """Print Envoy's configuration as JSON, for an Envoy that something else runs.

    The shares in force are written into it, so that a restarted Envoy comes up with them.

        cutover config --access-log /var/log/envoy/access.log > envoy.json
    """
    shares = in_force(Ledger(options.state))
    made = bootstrap(load(options.plan), access_log=options.access_log, shares=shares)
    print(json.dumps(made, indent=1))


def _meaning(gate: Gate) -> str:
    return (
        f"{gate.metric} ≤ {gate.limit:g}, read every {gate.interval_seconds:g} s, {gate.count} "
        f"times, at most {gate.failure_limit} over, {gate.minimum_samples} samples or it holds"
    )
