"""Runs a session for a command: its progress shown, what the apps print kept away from it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from parity_harness.config import NAME, Config, load, of_targets, with_targets
from parity_harness.errors import ConfigurationError, TargetError
from parity_harness.events import Listener
from parity_harness.reporters.progress import LiveProgress
from parity_harness.session import nobody
from parity_harness.targets.making import Over

T = TypeVar("T")

_LAST_CHARACTERS = 1_500

_stuck: list[asyncio.AbstractEventLoop] = []


def config_of(options: argparse.Namespace) -> Config:
    """Return the configuration that a command line asks for.

    Raises:
        ConfigurationError: it names no two targets, and there is no parity.toml.
    """
    given = {
        "budget": options.budget,
        "timeout": options.timeout,
        "seed": options.seed,
        "decisions": options.decisions,
        "scenarios": tuple(options.scenarios) if options.scenarios else None,
        "over": Over(options.over) if options.over else None,
        "zero_configuration": False if options.declared_only else None,
        "is_partial": options.declared_only,
    }
    said = {name: value for name, value in given.items() if value is not None}
    return replace(targets_of(options), **said)


def targets_of(options: argparse.Namespace) -> Config:
    """Return the two targets of a command line, with what parity.toml says of them.

    Raises:
        ConfigurationError: it names no two targets, and there is no parity.toml.
    """
    file = options.config or (Path(NAME) if Path(NAME).exists() else None)
    if file:
        return with_targets(load(file), options.baseline, options.candidate, Path.cwd())
    if not (options.baseline and options.candidate):
        raise ConfigurationError(
            f"there is no {NAME} here: give --baseline wsgi:MODULE:ATTR --candidate"
            " asgi:MODULE:ATTR, or write it with `parity init`"
        )
    return of_targets(options.baseline, options.candidate, Path.cwd())


@contextlib.contextmanager
def listening(options: argparse.Namespace) -> Iterator[Listener]:
    """Give the listener that shows progress on standard error."""
    if options.quiet:
        yield nobody
        return
    with LiveProgress(Console(file=sys.stderr)) as progress:
        yield progress


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep what apps print to this process away from reports; an error carries it.

    Raises:
        TargetError: as was raised inside, with what was printed added to its output.
    """
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    except TargetError as error:
        said = printed.getvalue()[-_LAST_CHARACTERS:]
        output = "\n".join(part for part in (said, error.output) if part)
        raise TargetError(str(error), output=output) from error


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end; the first Ctrl-C asks for a report of what was done, the second ends.

    SIGTERM, which is what a CI ends a job by, asks for the same.

    Raises:
        TargetError: as the session does; carries what the app printed.
    """
    runner = asyncio.Runner()
    try:
        with quietly(), _sigterm_as_ctrl_c():
            return runner.run(main)
    finally:
        if asyncio.all_tasks(runner.get_loop()):
            _stuck.append(runner.get_loop())  # closing would wait for ever
        else:
            runner.close()


@contextlib.contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def has_stuck_tasks() -> bool:
    """Tell whether an app left something behind that cannot be ended."""
    return bool(_stuck)
