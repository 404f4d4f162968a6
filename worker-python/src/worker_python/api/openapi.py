"""What the API's document says beyond the models: pages for errors, examples, a description."""

from __future__ import annotations

from typing import Any, Final

from worker_python.api.schemas import Error

TITLE: Final = "News Nexus Python Queuer"
DESCRIPTION: Final = """\
Queues runs of the deduper and answers for them.

JSON errors have an `error`. Requests that never reach a route (an unknown path, a wrong method,
an id that is no number, a body that is no JSON) are answered with an HTML page.
"""

Responses = dict[int | str, dict[str, Any]]

_PAGE: Final[dict[str, Any]] = {"content": {"text/html": {"schema": {"type": "string"}}}}

PAGE_ERRORS: Final[Responses] = {
    "4XX": {"description": "Anything else wrong with the request: an HTML page.", **_PAGE},
    500: {"description": "A defect of the service: an HTML page.", **_PAGE},
}

NO_JOB: Final[Responses] = {
    404: {
        "description": "No such job (JSON), or an id that is no number (an HTML page).",
        "model": Error,
        **_PAGE,
    }
}

NOT_KEPT: Final[Responses] = {
    500: {"description": "The job could not be kept; nothing was started.", "model": Error}
}

ANY_JSON: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {}, "example": {"ping": ["pong", 1, None]}}},
    }
}
