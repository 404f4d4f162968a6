"""JSON as `flask.jsonify` writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/json"

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def encode(content: Any) -> bytes:  # noqa: ANN401  any JSON value
    """Return `content` compact, keys sorted, non-ASCII escaped, with a newline; NaN passes.

    Raises:
        RecursionError: it is nested too deeply.
    """
    return _encode(content).encode("ascii") + b"\n"


class FlaskJSONResponse(Response):
    """An answer with Flask's bytes; its headers never vary, so nothing works them out."""

    media_type = MEDIA_TYPE

    def __init__(self, content: Any, status_code: int = 200) -> None:  # noqa: ANN401  any JSON value
        self.status_code = status_code
        self.background = None
        self.body = encode(content)
        length = (b"content-length", b"%d" % len(self.body))
        self.raw_headers = [length, (b"content-type", MEDIA_TYPE.encode())]


class PiecesResponse(Response):
    """A long JSON answer in pieces: never joined, yet with a Content-Length as Flask sends it."""

    media_type = MEDIA_TYPE

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        length = sum(len(piece) for piece in pieces)
        MutableHeaders(raw=self.raw_headers)["content-length"] = str(length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces one by one."""
        del scope, receive
        await send(
            {"type": "http.response.start", "status": 200, "headers": self.raw_headers},
        )
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
