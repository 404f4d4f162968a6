"""The real service, behind what a bad release would do to its answers.

A drill needs a release that answers 500, or in a wrong shape, on demand. While the file named by
`FAULT_FILE` holds `errors` or `shape`, this is that release; otherwise it hands everything through.
Import string: `rig.faulty:app`.
"""

from __future__ import annotations

import os
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from worker_python.app import create_app

ANSWERS = {
    "errors": lambda: JSONResponse({"error": "broken on purpose"}, 500),
    "shape": lambda: JSONResponse({"data": {"result": "broken on purpose"}}),
}

_real = create_app()
_file = Path(os.environ.get("FAULT_FILE", "fault"))


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the fault file says, or as the real service does."""
    if scope["type"] == "http" and (fault := _fault()) is not None:
        await ANSWERS[fault]()(scope, receive, send)
    else:
        await _real(scope, receive, send)


def _fault() -> str | None:
    try:
        content = _file.read_text()
    except FileNotFoundError:
        return None
    return content if content in ANSWERS else None
