"""Reading a JSON body as `flask.Request.get_json` reads it."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def json_body(request: Request) -> Any:  # noqa: ANN401  any JSON value
    """Return the body's value.

    UTF-8, -16 and -32 are told apart by their first bytes, as `json.loads` does.

    Raises:
        HTTPException: 415 where the content type is not JSON; 400 where the body is empty,
            malformed, undecodable, or nested more deeply than Python reads (Flask: 500).
    """
    if not is_json(request.headers.get("content-type", "")):
        raise HTTPException(415)
    body = await request.body()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error


def is_json(content_type: str) -> bool:
    """Return whether Flask takes this content type for JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
