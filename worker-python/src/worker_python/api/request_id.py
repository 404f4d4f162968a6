"""The word that ties a request, its job's log lines and its child process together."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.types import Scope

HEADER = b"x-request-id"

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


def given_id(scope: Scope) -> str | None:
    """Return the id the caller sent in `X-Request-ID`, None where it sent none that is fit."""
    for name, value in scope["headers"]:
        if name == HEADER:
            return value.decode("ascii") if _ACCEPTABLE.fullmatch(value) else None
    return None


def request_id(scope: Scope) -> str:
    """Return the caller's id, or a new one."""
    return given_id(scope) or uuid4().hex
