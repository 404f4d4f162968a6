"""The command `parity`: exit code 0 kept, 1 broken, 2 cannot run."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from parity_harness.cli.options import parser
from parity_harness.cli.running import has_stuck_tasks
from parity_harness.errors import HarnessError, TargetError

CANNOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except HarnessError as error:
        sys.stderr.write(f"parity: cannot run: {error}\n{_output(error)}")
        code = CANNOT_RUN
    except Exception:  # noqa: BLE001  (a crash of ours is no verdict: it must not end with 1)
        sys.stderr.write(f"parity: cannot run, by a fault of its own:\n{traceback.format_exc()}")
        code = CANNOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("parity: interrupted before there was anything to report\n")
        code = CANNOT_RUN
    sys.stdout.flush()
    if has_stuck_tasks():
        os._exit(code)  # an app of this process never came back: nothing would ever end it
    return code


def _output(error: HarnessError) -> str:
    if not isinstance(error, TargetError) or not error.output.strip():
        return ""
    lines = "".join(f"  | {line}\n" for line in error.output.rstrip().splitlines())
    return f"its output:\n{lines}"
