"""Shows a run while it runs: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from parity_harness.events import (
    DivergenceFound,
    Event,
    Note,
    PhaseStarted,
    RunFinished,
    RunStarted,
)
from parity_harness.events import Progress as Progressed
from parity_harness.reporters.summary import printable


class LiveProgress:
    """Listens to a run; use as a context manager, so that the terminal is given back.

    Give it the console of standard error: the report belongs to standard output.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._found = 0
        self._phase = ""
        self._task: TaskID | None = None
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}", style="red", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> LiveProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Take one event in; those that nobody waits for are passed over."""
        match event:
            case RunStarted(baseline, candidate, seed):
                self._say(f"{baseline} → {candidate}, seed {seed}")
            case PhaseStarted(name, total):
                self._begin(name, total)
            case Progressed(done):
                self._advance(done)
            case DivergenceFound():
                self._found += 1
                self._advance(None)
            case Note(text):
                self._say(f"note: {text}")
            case RunFinished():
                self._bar.stop()
            case _:
                pass

    def _begin(self, name: str, total: int | None) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(printable(name), total=total, found=self._told())
        if not self._console.is_terminal:
            self._say(name if total is None else f"{name}: {total} requests")

    def _advance(self, done: int | None) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done, found=self._told())

    def _told(self) -> str:
        return f"{self._found} divergences" if self._found else ""

    def _say(self, text: str) -> None:
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
