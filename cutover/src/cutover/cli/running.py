"""`cutover edge`, `start` and `metrics`: what runs until it is told to end."""

from __future__ import annotations

import argparse
import getpass
import os
import signal
import time
from collections.abc import Callable

from cutover import exporter
from cutover.cli.parts import controller_of, workers_of
from cutover.controller import in_force
from cutover.envoy import process
from cutover.errors import EdgeError
from cutover.ledger import Ledger
from cutover.plan import load
from cutover.readings import Readings
from cutover.state import Move, Phase
from cutover.watch import Watch

POLL_SECONDS = 0.2


def edge(options: argparse.Namespace) -> None:
    """Run Envoy in front of both workers, until Ctrl-C.

    It comes up with the shares in force, so it may be restarted at any stage; told to end, it lets
    every request that it has taken be answered first. Callers use the plan's `edge.listen` from now
    on; `edge.admin` must not be reachable from other machines.
    """
    plan = load(options.plan)
    folder = options.state / "envoy"
    stopped = _stop_on_signals()
    with process.running(plan, folder, in_force(Ledger(options.state))) as envoy:
        print(f"Envoy listens on {plan.edge.listen}; Ctrl-C ends it", flush=True)
        while not stopped():
            if envoy.poll() is not None:
                raise EdgeError(f"Envoy ended with {envoy.returncode}; its log is in {folder}")
            time.sleep(POLL_SECONDS)


def start(options: argparse.Namespace) -> None:
    """Watch the gates: promote when all have passed, abort when one fails.

    Begins at the first stage, or goes on where the ledger stands, so it may be killed and started
    again. Ctrl-C ends the watching and moves nothing. Two cannot watch at once (exit code 2).

        cutover start --manual      aborts by itself, but leaves promoting to `cutover promote`
    """
    controller = controller_of(options)
    plan = controller.plan
    readings = Readings(controller.admin, workers_of(plan), plan.harness, plan.candidate.mark)
    watch = Watch(controller, readings.measure, automatic=not options.manual)
    stopped = _stop_on_signals()
    with controller.ledger.controlling():
        if controller.position.phase is Phase.IDLE:
            controller.move(Move.START, by=getpass.getuser(), reason="cutover start")
    print(
        f"process {os.getpid()} watches the gates; Ctrl-C ends that and moves nothing", flush=True
    )
    watch.run(stop=stopped)


def metrics(options: argparse.Namespace) -> None:
    """Answer /metrics for Prometheus, until Ctrl-C.

    Phase, stage, shares, the gates of this stage and Envoy's counters of both workers. Rules for
    alerts: deploy/prometheus/alerts.yml.
    """
    controller = controller_of(options)
    host, _, port = options.listen.rpartition(":")
    stopped = _stop_on_signals()
    print(f"http://{host}:{exporter.serve(controller, host, int(port))}/metrics", flush=True)
    while not stopped():
        time.sleep(POLL_SECONDS)


def _stop_on_signals() -> Callable[[], bool]:
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: asked.append(received))
    return lambda: bool(asked)
