"""Environment files: `NAME=value` a line, as `.env` files have them."""

from __future__ import annotations

import re
from pathlib import Path

from parity_harness.errors import ContractFileError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")


def load(path: Path) -> dict[str, str]:
    """Return the variables of a file; nothing in a value is expanded, quotes around it go.

    Raises:
        ContractFileError: the file cannot be read, or a line is no assignment.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContractFileError(f"{path} cannot be read: {error.strerror}") from error
    variables = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise ContractFileError(f"{path}:{number}: write NAME=value, not {line.strip()!r}")
        variables[match[1]] = _unquoted(match[2].strip())
    return variables


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
