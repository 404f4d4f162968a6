"""The command `cutover`: traffic moved in stages, and back.

    cutover plan                 what the plan file says, and what Envoy will be told
    cutover edge                 run Envoy as the plan says
    cutover config               print Envoy's configuration, for one that something else runs
    cutover metrics              where it stands, for Prometheus
    cutover start                watch the gates; promote when they pass, abort when one fails
    cutover status [--watch]     where it stands: stages, gates, shares, jobs of both workers
    cutover promote              go on to the next stage now, or leave a pause
    cutover pause                stay at this stage, whatever the gates say
    cutover abort                all creates back to the baseline, and latched there
    cutover rollback             the same, with nothing wrong
    cutover retry                leave the latch: begin again at the first stage
    cutover retire               the baseline may go: its jobs have ended, its ids moved
    cutover history              every decision, reading and step
    cutover drill FILE           the whole cutover on this machine, with faults, and its report

Exit codes: 0 done, 1 held (a gate is not passed), 2 a mistake in the plan or the command.
"""

from __future__ import annotations

import argparse
import getpass
import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.live import Live

from cutover import exporter
from cutover.controller import Controller, in_force
from cutover.drill.run import drill, write_report
from cutover.drill.setting import load as load_drill
from cutover.envoy import process
from cutover.envoy.admin import Admin
from cutover.envoy.config import bootstrap
from cutover.errors import CutoverError
from cutover.gates import GateVerdict, together
from cutover.ledger import Ledger
from cutover.plan import Plan, load
from cutover.readings import Readings
from cutover.retirement import obstacle
from cutover.state import Move, Phase
from cutover.view import picture, status
from cutover.watch import Watch, gate_verdicts
from cutover.workers import WorkerView

REFRESH_SECONDS = 0.5
HELD = 1
MISTAKE = 2
MOVES = {
    "pause": (Move.PAUSE, "stay at this stage, whatever the gates say"),
    "abort": (Move.ABORT, "all creates back to the baseline, latched until a retry"),
    "rollback": (Move.ROLLBACK, "the same as abort, with nothing wrong"),
    "retry": (Move.RETRY, "leave the latch and begin again at the first stage"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except CutoverError as error:
        print(f"cutover: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cutover", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plan", type=Path, default=Path("cutover.toml"), help="plan file")
    parser.add_argument(
        "--state", type=Path, default=Path("var/cutover"), help="folder of the ledger"
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _verb(verbs, "plan", _show_plan, "explain the plan file")
    _verb(verbs, "edge", _run_edge, "run Envoy as the plan says, until Ctrl-C")
    config = _verb(verbs, "config", _print_config, "print Envoy's configuration as JSON")
    config.add_argument("--access-log", default="/dev/stdout", help="its path (default: stdout)")
    metrics = _verb(verbs, "metrics", _serve_metrics, "serve Prometheus metrics, until Ctrl-C")
    metrics.add_argument(
        "--listen", default="127.0.0.1:9902", help="host:port (default: %(default)s)"
    )
    start = _verb(verbs, "start", _start, "start or go on: watch the gates until Ctrl-C")
    start.add_argument("--manual", action="store_true", help="never promote by itself")
    shown = _verb(verbs, "status", _status, "where it stands")
    shown.add_argument("--json", action="store_true", help="for scripts")
    shown.add_argument("--watch", action="store_true", help="a live view, until Ctrl-C")
    promote = _verb(verbs, "promote", _promote, "go on to the next stage, or leave a pause")
    promote.add_argument("--force", action="store_true", help="although a gate is not passed")
    promote.add_argument("--reason", default="by hand", help="for the history")
    for name, (_, text) in MOVES.items():
        verb = _verb(verbs, name, _move, text)
        verb.add_argument("--reason", default="by hand", help="for the history")
    retire = _verb(verbs, "retire", _retire, "the baseline may be switched off, once it can be")
    retire.add_argument("--force", action="store_true", help="although jobs of it are lost")
    retire.add_argument("--reason", default="by hand", help="for the history")
    history = _verb(verbs, "history", _history, "every decision, reading and step")
    history.add_argument("--json", action="store_true", help="one JSON object a line")
    drilled = _verb(verbs, "drill", _drill, "the whole cutover on this machine, with faults")
    drilled.add_argument("file", type=Path, help="drill file, see cutover/drill.toml")
    drilled.add_argument("--faults", nargs="*", default=[], help="only these (default: all)")
    drilled.add_argument("--requests", type=int, help="send so many (default: the drill file's)")
    drilled.add_argument("--to", type=Path, default=Path("docs/drills"), help="report's folder")
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    text: str,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text)
    verb.set_defaults(run=run, verb=name)
    return verb


def _show_plan(options: argparse.Namespace) -> None:
    plan = load(options.plan)
    print(f"baseline   {plan.baseline.url}")
    print(f"candidate  {plan.candidate.url}, job ids from {plan.candidate.job_id_start}")
    print(f"edge       {plan.edge.listen}, admin {plan.edge.admin}")
    for stage in plan.stages:
        print(f"\n{stage.share:>3} %  {stage.name}")
        for name in stage.gates:
            gate = plan.gates[name]
            print(
                f"       {name}: {gate.metric} ≤ {gate.limit:g}, read every "
                f"{gate.interval_seconds:g} s, {gate.count} times, at most {gate.failure_limit} "
                f"over, {gate.minimum_samples} samples or it holds"
            )


def _run_edge(options: argparse.Namespace) -> None:
    plan = load(options.plan)
    shares = in_force(Ledger(options.state))
    with process.running(plan, options.state / "envoy", shares) as envoy:
        print(f"Envoy listens on {plan.edge.listen}; Ctrl-C ends it")
        envoy.wait()


def _print_config(options: argparse.Namespace) -> None:
    shares = in_force(Ledger(options.state))
    config = bootstrap(load(options.plan), access_log=options.access_log, shares=shares)
    print(json.dumps(config, indent=1))


def _serve_metrics(options: argparse.Namespace) -> None:
    controller = _controller(options)
    host, _, port = options.listen.rpartition(":")
    stopped = _stop_on_signals()
    print(f"http://{host}:{exporter.serve(controller, host, int(port))}/metrics", flush=True)
    while not stopped():
        time.sleep(REFRESH_SECONDS)


def _start(options: argparse.Namespace) -> None:
    controller = _controller(options)
    plan = controller.plan
    readings = Readings(controller.admin, _views(plan), plan.harness, plan.candidate.mark)
    watch = Watch(controller, readings.measure, automatic=not options.manual)
    stopped = _stop_on_signals()
    with controller.ledger.controlling():
        if controller.position.phase is Phase.IDLE:
            controller.move(Move.START, by=_person(), reason="cutover start")
    print("watching the gates; Ctrl-C ends the watching and changes nothing", flush=True)
    watch.run(stop=stopped)


def _status(options: argparse.Namespace) -> None:
    controller = _controller(options)
    workers = _views(controller.plan)
    if options.json:
        print(json.dumps(status(controller, workers).as_json()))
        return
    console = Console()
    if not options.watch:
        console.print(picture(status(controller, workers)))
        return
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(picture(status(controller, workers)), refresh=True)
            time.sleep(REFRESH_SECONDS)


def _promote(options: argparse.Namespace) -> int:
    controller = _controller(options)
    seen = controller.position
    verdicts = gate_verdicts(controller)
    passed = together(verdicts) is GateVerdict.PASSED
    if seen.phase is Phase.RUNNING and not passed and not options.force:
        waiting = ", ".join(f"{n} ({v})" for n, v in verdicts.items() if v != GateVerdict.PASSED)
        print(f"held: {waiting}. Wait for the gates, or say --force and why with --reason")
        return HELD
    controller.move(Move.PROMOTE, by=_person(), reason=options.reason, seen=seen)
    return _told(controller)


def _move(options: argparse.Namespace) -> int:
    controller = _controller(options)
    move, _ = MOVES[options.verb]
    controller.move(move, by=_person(), reason=options.reason)
    return _told(controller)


def _retire(options: argparse.Namespace) -> int:
    controller = _controller(options)
    if not options.force and (why := obstacle(*_views(controller.plan))):
        print(f"held: {why}")
        return HELD
    controller = replace(controller, adopted=lambda: True)
    controller.move(Move.RETIRE, by=_person(), reason=options.reason)
    return _told(controller)


def _history(options: argparse.Namespace) -> None:
    for entry in Ledger(options.state).entries():
        if options.json:
            print(json.dumps({"at": entry.at, "kind": entry.kind, **entry.facts}))
        else:
            clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
            facts = "  ".join(f"{key}={value}" for key, value in entry.facts.items())
            print(f"{clock}  {entry.kind:<10} {facts}")


def _drill(options: argparse.Namespace) -> int:
    setting = load_drill(options.file)
    if options.requests:
        load = setting.load.model_copy(update={"requests": options.requests})
        setting = setting.model_copy(update={"load": load})
    began = time.monotonic()
    found = drill(
        setting,
        options.file.resolve().parents[1],
        only=options.faults,
        tell=lambda text: print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True),
    )
    report = write_report(found, options.to)
    print(f"{'signed off' if found.signed_off else 'NOT signed off'}: {report}")
    return 0 if found.signed_off else HELD


def _controller(options: argparse.Namespace) -> Controller:
    plan = load(options.plan)
    candidate = _views(plan)[1]
    return Controller(
        plan, Ledger(options.state), Admin(plan.edge.admin), candidate.answers_for_both
    )


def _views(plan: Plan) -> tuple[WorkerView, WorkerView]:
    return (
        WorkerView("baseline", str(plan.baseline.url).rstrip("/")),
        WorkerView("candidate", str(plan.candidate.url).rstrip("/")),
    )


def _told(controller: Controller) -> int:
    position = controller.position
    stage = controller.plan.stages[position.stage]
    share = controller.creates_at(position)
    print(f"{position.phase} at stage “{stage.name}”: {share} % of creates to the candidate")
    return 0


def _person() -> str:
    return getpass.getuser()


def _stop_on_signals() -> Callable[[], bool]:
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: asked.append(received))
    return lambda: bool(asked)
