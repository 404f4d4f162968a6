"""The command line: runs what was asked for, and tells how it went.

Exit codes: 0 done; 1 a failure, told in one line on stderr; 2 bad arguments.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from deduper import analysis, embedding, logs, stages
from deduper.arguments import parser
from deduper.errors import DeduperError, InputError
from deduper.settings import Settings, read_settings

DONE, FAILED, INTERRUPTED = 0, 1, 130

ANALYSES = {"load": (), "analyze": stages.ANALYZE, "analyze_fast": stages.ANALYZE_FAST}
TOOLS = ("sample", "quality", "calibrate")

logger = logging.getLogger("deduper")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if words is None else words)
    commands = parser()
    arguments = commands.parse_args(words)
    if getattr(arguments, "floor", None) is not None and arguments.top is None:
        commands.error("--floor needs --top")
    try:
        return _run_tool(arguments) if arguments.command in TOOLS else _run(words, arguments)
    except DeduperError as error:
        print(f"deduper: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("deduper: interrupted: nothing was changed", file=sys.stderr)
        return INTERRUPTED


def _run(words: Sequence[str], arguments: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    with logs.log_file(settings), logs.recorded(settings, words) as run:
        try:
            run.rows = _dispatch(settings, arguments)
        except DeduperError as error:
            # TRY400: whoever reads the log needs the reason, not where in our code it came up.
            logger.error("%s: %s", arguments.command, error)  # noqa: TRY400 - see above
            raise
        run.exit_code = DONE
        print(f"{arguments.command}: {run.rows} rows")
    return DONE


def _dispatch(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.command == "clear_table":
        return _clear(settings, arguments)
    options = _options(settings, arguments)
    if arguments.command in stages.SINGLE:
        return analysis.run_stage(settings, stages.SINGLE[arguments.command], options)
    request = analysis.Request(ANALYSES[arguments.command], arguments.report_id, options)
    return analysis.analyze(settings, request)


def _options(settings: Settings, arguments: argparse.Namespace) -> embedding.Options:
    asked = vars(arguments)
    return embedding.Options(
        cache=settings.cache,
        model=settings.model,
        raw=asked.get("raw", False),
        top=asked.get("top"),
        floor=asked.get("floor") or 0.0,
    )


def _clear(settings: Settings, arguments: argparse.Namespace) -> int:
    if not (arguments.yes or _agreed(f"Delete all findings in {settings.database}? [y/N] ")):
        raise InputError("nothing was deleted: answer y, or give -y")
    return analysis.clear(settings)


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _run_tool(arguments: argparse.Namespace) -> int:
    from deduper.sample.tools import run  # noqa: PLC0415 - workers never need it

    print(run(arguments))
    return DONE
