"""What a wait looks like on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
from collections.abc import Callable, Mapping
from typing import Any

from worker_python_client.answers import Job
from worker_python_client.progress import PlainProgress, progress_on


def test_a_terminal_gets_a_live_line_with_the_status_and_the_time(
    job: Callable[..., Mapping[str, Any]],
) -> None:
    ours, theirs = pty.openpty()
    terminal = os.fdopen(theirs, "w", encoding="utf-8")
    with terminal, progress_on(terminal) as progress:
        for status in ("pending", "running"):
            progress.show(Job.model_validate(job(status), strict=False))
    written = _all_of(ours)

    assert re.search(r"job 7: pending.*0:00:00.*job 7: running", written, re.DOTALL)
    assert written.endswith("\x1b[2K"), "the line is gone at the end"


def test_elsewhere_it_is_a_line_a_status_without_control_characters(
    job: Callable[..., Mapping[str, Any]],
) -> None:
    stream = io.StringIO()
    with progress_on(stream) as progress:
        for status in ("pending", "running", "completed"):
            progress.show(Job.model_validate(job(status), strict=False))

    assert isinstance(progress, PlainProgress)
    assert stream.getvalue() == "job 7: pending\njob 7: running\n"


def _all_of(terminal: int) -> str:
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:  # how a terminal says that its other side is closed
        return written.decode()
    finally:
        os.close(terminal)
    return written.decode()
