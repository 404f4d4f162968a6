"""The real service, behind what a bad release would do to its answers.

A drill needs a release that fails on demand. While the file named by `FAULT_FILE` holds

- `errors`: it answers 500 to everything;
- `shape`: it answers in a shape that no caller reads;
- `wording`: it says 404 in FastAPI's own words, the classic slip of a migration.

Otherwise everything is handed through. Import string: `rig.faulty:app`.
"""

from __future__ import annotations

import os
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker_python.app import create_app

_real = create_app()
_file = Path(os.environ.get("FAULT_FILE", "fault"))


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the fault file says, or as the real service does."""
    release = RELEASES.get(_fault(), _real) if scope["type"] == "http" else _real
    await release(scope, receive, send)


async def _reworded(scope: Scope, receive: Receive, send: Send) -> None:
    is_missing = False

    async def pass_on(message: Message) -> None:
        nonlocal is_missing
        if message.get("status") == 404:
            is_missing = True
            await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
        elif not is_missing:
            await send(message)

    await _real(scope, receive, pass_on)


RELEASES: dict[str, ASGIApp] = {
    "errors": JSONResponse({"error": "broken on purpose"}, 500),
    "shape": JSONResponse({"data": {"result": "broken on purpose"}}),
    "wording": _reworded,
}


def _fault() -> str:
    try:
        return _file.read_text()
    except FileNotFoundError:
        return ""
