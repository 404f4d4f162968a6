"""What the parity harness says of the two workers: its command run, its report read.

Of the report only what its schema promises is read: `divergences` with their `decision`,
`counts.exchanges` and `interrupted`. The harness itself is a stranger: any program will do that
writes such a report.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.errors import HarnessError

LIMIT_SECONDS = 300.0
SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """Divergences that nobody has decided on, seen in so many exchanges."""

    undecided: int
    exchanges: int


def judge(command: Sequence[str]) -> Judged:
    """Run the harness and read its report.

    Args:
        command: what the plan says; `--json FILE` is added to it.

    Raises:
        HarnessError: it could not compare, or not to the end; the message carries what it said.
    """
    with tempfile.TemporaryDirectory(prefix="harness-") as folder:
        report = Path(folder) / "report.json"
        said = _run([*command, "--json", str(report)])
        if not report.exists():
            raise HarnessError(f"the harness compared nothing: {said}")
        return _read(report.read_text())


def _run(command: Sequence[str]) -> str:
    """Run it and return the end of what it said; exit code 1 is divergences, not a failure."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except OSError as error:
        raise HarnessError(f"the harness does not start: {error}") from error
    except subprocess.TimeoutExpired:
        raise HarnessError(f"the harness took more than {LIMIT_SECONDS:g} s") from None
    return done.stderr.strip()[-SHOWN_CHARACTERS:] or f"exit code {done.returncode}, no word"


def _read(text: str) -> Judged:
    try:
        report: Mapping[str, Any] = json.loads(text)
        undecided = sum(each["decision"] is None for each in report["divergences"])
        judged = Judged(undecided, report["counts"]["exchanges"])
        interrupted = report["interrupted"]
    except (ValueError, KeyError, TypeError) as error:
        raise HarnessError(f"the harness' report is none: {error!r}") from error
    if interrupted and not undecided:
        raise HarnessError("the harness was interrupted before it had compared everything")
    return judged
