"""The page at the root, an echo, and an empty folder of static files."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from worker_python.api.flask_semantics.answers import FlaskJSONResponse
from worker_python.api.flask_semantics.bodies import json_body
from worker_python.api.flask_semantics.routes import FlaskRoute
from worker_python.api.openapi import ANY_JSON, PAGE_ERRORS

router = APIRouter(route_class=FlaskRoute, tags=["index"])

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>News Nexus Python Queuer</title></head>
<body><h1>News Nexus Python Queuer</h1></body>
</html>
"""


@router.get("/", response_class=HTMLResponse, responses=PAGE_ERRORS)
async def home(request: Request) -> Response:
    """Name the service."""
    del request
    return HTMLResponse(PAGE)


@router.get("/test", responses=PAGE_ERRORS, summary="Echo a JSON body")
@router.post("/test", responses=PAGE_ERRORS, summary="Echo a JSON body", openapi_extra=ANY_JSON)
async def echo(request: Request) -> Response:
    """Answer with the JSON that was sent, whatever its type; a falsy value comes back as `{}`."""
    value = await json_body(request)
    try:
        return FlaskJSONResponse(value or {})
    except RecursionError as error:
        raise HTTPException(400) from error


@router.get("/static/{filename:flask_path}", include_in_schema=False)
async def static(request: Request, filename: str) -> Response:
    """Hold nothing: Flask makes this route unasked, so its methods are answered too."""
    del request, filename
    raise HTTPException(404)
