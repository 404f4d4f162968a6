"""What an answer costs at least: the same bytes from FastAPI, Starlette and a raw ASGI callable."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

BODY = Path(os.environ["BENCHMARK_BODY"]).read_bytes()
JSON = "application/json"

bare_fastapi = FastAPI()


@bare_fastapi.get("/deduper/jobs/{job_id}")
async def answer(job_id: int) -> Response:
    """Return the bytes."""
    del job_id
    return Response(BODY, media_type=JSON)


async def answer_starlette(request: Request) -> Response:
    """Return the bytes."""
    del request
    return Response(BODY, media_type=JSON)


bare_starlette = Starlette(routes=[Route("/deduper/jobs/{job_id:int}", answer_starlette)])


async def raw_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """Return the bytes without looking at the request."""
    del receive
    if scope["type"] != "http":
        return
    headers = [(b"content-type", JSON.encode()), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
