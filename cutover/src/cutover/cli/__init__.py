"""The command `cutover`: exit code 0 done, 1 held, 2 a mistake, 130 Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cutover.cli.options import parser
from cutover.errors import CutoverError

MISTAKE, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except CutoverError as error:
        print(f"cutover: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return INTERRUPTED
