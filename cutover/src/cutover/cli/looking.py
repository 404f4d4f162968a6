"""`cutover status` and `history`: where it stands, and how it came there."""

from __future__ import annotations

import argparse
import json
import time

from rich.console import Console
from rich.live import Live

from cutover import view
from cutover.cli.parts import controller_of, workers_of
from cutover.ledger import Entry, Ledger

REFRESH_SECONDS = 0.5


def status(options: argparse.Namespace) -> None:
    """Show where it stands: stages, gates, shares, jobs of both workers.

    Works whether or not a controller watches: the ledger is the state. What does not answer is
    shown as a dash, and is null in --json.
    """
    controller = controller_of(options)
    workers = workers_of(controller.plan)
    if options.json:
        print(json.dumps(view.status(controller, workers).as_json()))
        return
    console = Console()
    if not options.watch:
        console.print(view.picture(view.status(controller, workers)))
        return
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(view.picture(view.status(controller, workers)), refresh=True)
            time.sleep(REFRESH_SECONDS)


def history(options: argparse.Namespace) -> None:
    """List every move, reading and change of Envoy, oldest first.

    `move` says who decided what and why, `reading` what a gate saw, `applied` what Envoy was told.
    """
    for entry in Ledger(options.state).entries():
        print(_as_json(entry) if options.json else _as_line(entry))


def _as_json(entry: Entry) -> str:
    return json.dumps({"at": entry.at, "kind": entry.kind, **entry.facts})


def _as_line(entry: Entry) -> str:
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    facts = "  ".join(f"{key}={value}" for key, value in entry.facts.items())
    return f"{clock}  {entry.kind:<10} {facts}"
