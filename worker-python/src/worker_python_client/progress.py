"""Showing a wait: a spinner with the time on a terminal, a line a status elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from worker_python_client.answers import Job


class Progress(Protocol):
    """Shows a job while it is waited for."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def show(self, job: Job) -> None:
        """Show a job whose status is another than before."""
        ...


def progress_on(stream: TextIO) -> Progress:
    """Return what fits a stream."""
    return LiveProgress(stream) if stream.isatty() else PlainProgress(stream)


class PlainProgress:
    """A line for each status."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the lines where they are."""

    def show(self, job: Job) -> None:
        """Write a line, unless the job has ended: the reply says so."""
        if not job.status.is_terminal:
            self._stream.write(f"job {job.job_id}: {job.status}\n")
            self._stream.flush()


class LiveProgress:
    """One line that lives, with the time since the wait began; gone at its end."""

    def __init__(self, stream: TextIO) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Bar(*columns, console=Console(file=stream), transient=True)
        self._task = self._bar.add_task("asking", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, job: Job) -> None:
        """Show the status in the line."""
        self._bar.update(self._task, description=f"job {job.job_id}: {job.status}", refresh=True)
