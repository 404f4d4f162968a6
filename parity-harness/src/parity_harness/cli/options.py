"""All commands and options, with a help text that teaches."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from parity_harness.cli import check, looking, recording, starting
from parity_harness.config import NAME
from parity_harness.targets.making import Over

_EXAMPLES = """\
first divergence, no configuration:
  parity check --baseline wsgi:legacy.app:app --candidate asgi:new.main:app

then, one step after the other:
  parity explain FF06         what a divergence is, and its cure in FastAPI
  parity init                 keep the two targets in parity.toml
  parity check --html out.html
  parity record               keep the baseline's answers for when it is gone

exit code: 0 kept, 1 broken, 2 cannot run (the apps were not compared)
"""

_TARGETS = """\
targets:
  wsgi:MODULE:ATTR       wsgi:legacy.app:app, wsgi:services/legacy/app:create_app()
  asgi:MODULE:ATTR       asgi:new.main:app
  cmd:COMMAND {port}     cmd:node server.js --port {port}
  http://HOST[:PORT]     something that already runs
  recording:FILE         made by `parity record`, baseline only
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(
        prog="parity",
        description="Shows every difference a client could see between a Flask app and its FastAPI"
        " successor, each with its cause and its cure.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _check(commands)
    _record(commands)
    _replay(commands)
    _looking(commands)
    init = _command(commands, "init", starting.run, "write a parity.toml to start from")
    _targets(init)
    return root


Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  (its only name)


def _command(
    commands: Commands, name: str, run: Command, text: str, epilog: str = ""
) -> argparse.ArgumentParser:
    made = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def _check(commands: Commands) -> None:
    made = _command(commands, "check", check.run, "compare two apps and judge", _TARGETS)
    _targets(made)
    _running(made)
    _reports(made)


def _record(commands: Commands) -> None:
    made = _command(commands, "record", recording.run, "keep the baseline's exchanges", _TARGETS)
    _targets(made)
    _running(made)
    _progress(made)
    made.add_argument(
        "--output",
        type=Path,
        default=Path("recording.json"),
        metavar="FILE",
        help="default: %(default)s",
    )


def _replay(commands: Commands) -> None:
    text = "send the requests of a HAR file to both sides and compare"
    made = _command(commands, "replay", check.replay, text, _TARGETS)
    made.add_argument("har", type=Path, help="as browsers and proxies save it")
    made.add_argument(
        "--unsafe", action="store_true", help="also requests that may change something"
    )
    _targets(made)
    _running(made)
    _reports(made)


def _looking(commands: Commands) -> None:
    inventory = _command(commands, "inventory", looking.inventory, "show both routers side by side")
    _targets(inventory)
    explain = _command(commands, "explain", looking.explain, "explain a trap, with its cure")
    explain.add_argument("trap", help="an id out of a report or of `parity traps`: FF06")
    traps = _command(commands, "traps", looking.traps, "list what differs unasked")
    traps.add_argument(
        "--write", type=Path, metavar="DIR", help="write a page for each, in Markdown"
    )


def _targets(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("the two sides")
    group.add_argument("--baseline", metavar="TARGET", help="the app that is right by definition")
    group.add_argument("--candidate", metavar="TARGET", help="the app that must not be noticed")
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"default: {NAME} of this folder, if it is there",
    )


def _running(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("the run")
    group.add_argument(
        "--over",
        choices=[each.value for each in Over],
        help="in this process (fast), or real servers on loopback (as clients see it)",
    )
    group.add_argument("--budget", type=float, metavar="SECONDS", help="stop asking after so long")
    group.add_argument("--timeout", type=float, metavar="SECONDS", help="for one answer")
    group.add_argument("--seed", type=int, metavar="N", help="repeat a run exactly")
    group.add_argument(
        "--scenarios", type=Path, action="append", metavar="FILE", help="declared scenarios (TOML)"
    )
    group.add_argument("--decisions", type=Path, metavar="FILE", help="agreed differences (TOML)")
    group.add_argument(
        "--declared-only",
        action="store_true",
        help="make no probes: only the scenarios that are declared",
    )


def _reports(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("reports")
    for name in check.REPORTERS:
        group.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write it as {name}")
    group.add_argument("--annotations", action="store_true", help="print annotations for CI, too")
    _progress(made)


def _progress(made: argparse.ArgumentParser) -> None:
    made.add_argument("--quiet", action="store_true", help="no progress on standard error")
