"""The words of the command line; a wrong one ends the program with exit code 2."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from deduper.stages import SINGLE

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name

EPILOG = """environment: PATH_TO_DATABASE, NAME_DB (required); PATH_TO_CSV (without --report-id);
NAME_APP, PATH_TO_LOGS (log); DEDUPER_MODEL_PATH, DEDUPER_CACHE, DEDUPER_WAIT_SECONDS.
exit codes: 0 done, 1 failed, 2 bad arguments."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; the one asked for is its `command`."""
    top = argparse.ArgumentParser(
        prog="deduper",
        description="Find duplicates between new and approved articles.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_analyses(commands)
    _add_stages(commands)
    _add_clear(commands)
    _add_tools(commands)
    return top


def _add_analyses(commands: Commands) -> None:
    load = commands.add_parser("load", help="pair the new articles with the approved ones")
    _add_report(load)
    for name, text in (
        ("analyze", "load, then all stages"),
        ("analyze_fast", "load, then all stages but content_hash"),
    ):
        command = commands.add_parser(name, help=text)
        _add_report(command)
        _add_raw(command)
        command.add_argument(
            "--top", type=_positive, metavar="K", help="keep the K best approved per new article"
        )
        command.add_argument(
            "--floor", type=_share, metavar="F", help="with --top: only scores above F (0 to 1)"
        )


def _add_stages(commands: Commands) -> None:
    for name in SINGLE:
        command = commands.add_parser(name, help=f"fill in what {name} says of the rows there are")
        if name == "embedding":
            _add_raw(command)


def _add_clear(commands: Commands) -> None:
    clear = commands.add_parser("clear_table", help="delete all findings of all reports")
    clear.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _add_tools(commands: Commands) -> None:
    sample = commands.add_parser("sample", help="make a sample database, and its labels beside it")
    sample.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    sample.add_argument("--name", default="sample.db", metavar="FILE")
    sample.add_argument("--seed", type=int, default=1)
    quality = commands.add_parser("quality", help="measure the scores on the labelled sample")
    quality.add_argument("--to", type=Path, metavar="FILE", help="write the report into this file")
    calibrate = commands.add_parser("calibrate", help="fit the scores' scale on the sample")
    calibrate.add_argument("--to", type=Path, metavar="FOLDER", help="else: the package's data")


def _add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--report-id", type=_whole, metavar="N", help="else: the articles of PATH_TO_CSV"
    )


def _add_raw(command: argparse.ArgumentParser) -> None:
    command.add_argument("--raw", action="store_true", help="write the bare cosine")


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, 0 or more")
    return int(text)


def _positive(text: str) -> int:
    number = _whole(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return number
