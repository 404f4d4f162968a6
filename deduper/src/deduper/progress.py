"""A bar with rate and remaining time on a terminal; silence anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

Advance = Callable[[int], None]


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Give a function that takes how many more pairs are done."""
    if not sys.stderr.isatty():
        yield _ignore
        return
    with _bar() as bar:
        task = bar.add_task(label, total=total, rate="")

        def advance(count: int) -> None:
            bar.advance(task, count)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


def _ignore(_count: int) -> None:
    """Take no notice: nobody watches."""


def _bar() -> Progress:
    # Imported here: a command that nobody watches need not pay for it.
    from rich import progress as rich_progress  # noqa: PLC0415 - see above
    from rich.console import Console  # noqa: PLC0415 - see above

    return rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TextColumn("{task.fields[rate]}"),
        rich_progress.TimeRemainingColumn(),
        console=Console(stderr=True),
    )
