"""All verbs and options. What the help of a verb says is the docstring of its function."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from cutover.cli import drilling, looking, moving, planning, running

_DESCRIPTION = """\
Moves the creating traffic from the Flask worker (the baseline) to the FastAPI worker (the
candidate) in stages, and back. Gates measure at every stage; one that fails takes the creates
back at once, and aborted stays aborted until a person says `retry`."""

_EPILOG = """\
a cutover, from the first look to the last:
  cutover plan                    what the plan file says
  cutover edge                    run Envoy in front of both workers, until Ctrl-C
  cutover start                   in another terminal: watch the gates
  cutover status --watch          in a third: where it stands
  cutover rollback --reason WHY   back, at any time; `cutover retry` begins again
  cutover retire                  when nothing needs the Flask worker any more

everything on this machine first, with faults:
  cutover drill cutover/drill.toml

exit code: 0 done, 1 held (a gate is not passed), 2 a mistake in the plan or the command
"""

Verb = Callable[[argparse.Namespace], int | None]
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  (its only name)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(
        prog="cutover",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument(
        "--plan",
        metavar="FILE",
        type=Path,
        default=Path("cutover.toml"),
        help="plan file (default: %(default)s)",
    )
    root.add_argument(
        "--state",
        metavar="FOLDER",
        type=Path,
        default=Path("var/cutover"),
        help="folder of the ledger, which is all there is to keep (default: %(default)s)",
    )
    verbs = root.add_subparsers(title="verbs", required=True, metavar="VERB")
    _planning(verbs)
    _running(verbs)
    _looking(verbs)
    _moving(verbs)
    _drilling(verbs)
    return root


def _planning(verbs: Verbs) -> None:
    _verb(verbs, planning.plan)
    config = _verb(verbs, planning.config)
    config.add_argument(
        "--access-log",
        metavar="PATH",
        default="/dev/stdout",
        help="of that Envoy (default: %(default)s)",
    )


def _running(verbs: Verbs) -> None:
    _verb(verbs, running.edge)
    start = _verb(verbs, running.start)
    start.add_argument("--manual", action="store_true", help="never promote by itself")
    metrics = _verb(verbs, running.metrics)
    metrics.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default="127.0.0.1:9902",
        help="where to answer (default: %(default)s)",
    )


def _looking(verbs: Verbs) -> None:
    status = _verb(verbs, looking.status)
    status.add_argument("--watch", action="store_true", help="a live view, until Ctrl-C")
    status.add_argument("--json", action="store_true", help="one JSON object, for scripts")
    history = _verb(verbs, looking.history)
    history.add_argument("--json", action="store_true", help="one JSON object a line")


def _moving(verbs: Verbs) -> None:
    _moves(verbs, moving.promote, force="although a gate is not passed")
    for verb in (moving.pause, moving.abort, moving.rollback, moving.retry):
        _moves(verbs, verb)
    _moves(verbs, moving.retire, force="although jobs of the baseline are lost")


def _drilling(verbs: Verbs) -> None:
    drill = _verb(verbs, drilling.drill)
    drill.add_argument("file", type=Path, help="drill file, such as cutover/drill.toml")
    drill.add_argument(
        "--faults", metavar="NAME", nargs="*", default=[], help="only these (default: the file's)"
    )
    drill.add_argument("--requests", metavar="N", type=int, help="how many (default: the file's)")
    drill.add_argument(
        "--to",
        metavar="FOLDER",
        type=Path,
        default=Path("docs/drills"),
        help="where the report goes (default: %(default)s)",
    )


def _moves(verbs: Verbs, run: Verb, *, force: str | None = None) -> None:
    verb = _verb(verbs, run)
    verb.add_argument(
        "--reason", metavar="TEXT", default="by hand", help="for the history (default: by hand)"
    )
    if force:
        verb.add_argument("--force", action="store_true", help=force)


def _verb(verbs: Verbs, run: Verb) -> argparse.ArgumentParser:
    name, text = run.__name__, inspect.getdoc(run) or ""
    verb = verbs.add_parser(
        name,
        help=text.partition("\n")[0],
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run)
    return verb
