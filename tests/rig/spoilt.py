"""Does the contract notice? One side answers with another status, key or type everywhere.

`python -m rig.spoilt` spoils every answer of one side in one way, lets the harness judge the
declared scenarios, and tells for each route whether the contract failed there: six runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from fastapi import FastAPI
from flask import Flask
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response as StarletteResponse
from werkzeug.wrappers import Response

from worker_python.app import create_app

CONTRACT = Path(__file__).parents[2] / "worker-python" / "tests" / "contracts"
SIDES = {"baseline": "wsgi:rig.spoilt:baseline()", "candidate": "asgi:rig.spoilt:candidate()"}
ROUTES = (
    "/",
    "/test",
    "/deduper/jobs",
    "/deduper/jobs/reportId/{report_id}",
    "/deduper/jobs/list",
    "/deduper/jobs/{job_id}",
    "/deduper/jobs/{job_id}/cancel",
    "/deduper/health",
    "/deduper/clear-db-table",
)
PAGES = ("/",)
"""Routes without a key to spoil."""
NEEDED = ("jobId", "status", "jobs")
"""Keys by which scenarios find their way; spoilt only where there is no other."""


def _rename(body: dict[str, Any]) -> None:
    key = _victim(body)
    body[f"{key}_"] = body.pop(key)


def _retype(body: dict[str, Any]) -> None:
    key = _victim(body)
    body[key] = [body[key]]


SPOILERS: Mapping[str, Callable[[dict[str, Any]], None] | None] = {
    "status": None,
    "key": _rename,
    "type": _retype,
}


def main() -> int:
    """Run all six, print a table, and return 1 where a route was spoilt unnoticed."""
    unnoticed = 0
    for side in SIDES:
        for way in SPOILERS:
            seen = _routes_that_fail(side, way)
            expected = [one for one in ROUTES if way == "status" or one not in PAGES]
            missed = [route for route in expected if route not in seen]
            verdict = f"unnoticed: {', '.join(missed)}" if missed else "each noticed"
            sys.stdout.write(f"{side:10}another {way:7}on {len(expected)} routes: {verdict}\n")
            sys.stdout.flush()
            unnoticed += len(missed)
    return 1 if unnoticed else 0


def baseline() -> Flask:
    """Return the contract's baseline, spoilt in the way that `SPOIL` names."""
    app: Flask = import_module("hurried").create_app()
    honest = app.wsgi_app

    def spoilt(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = Response.from_app(honest, environ)
        status, body = _spoilt(answer.status_code, answer.mimetype, answer.get_data())
        answer.status_code = status
        answer.set_data(body)
        return answer(environ, start_response)

    app.wsgi_app = spoilt  # type: ignore[method-assign]  # as Flask's own documentation wraps it
    return app


def candidate() -> FastAPI:
    """Return the contract's candidate, spoilt in the way that `SPOIL` names."""
    app = create_app()

    @app.middleware("http")
    async def spoilt(request: Request, call_next: RequestResponseEndpoint) -> StarletteResponse:
        answer = await call_next(request)
        body = b"".join([part async for part in answer.body_iterator])  # type: ignore[attr-defined]
        kind = answer.headers.get("content-type", "").partition(";")[0]
        status, body = _spoilt(answer.status_code, kind, body)
        headers = {
            name: value for name, value in answer.headers.items() if name != "content-length"
        }
        return StarletteResponse(body, status, headers)

    return app


def _spoilt(status: int, content_type: str | None, body: bytes) -> tuple[int, bytes]:
    spoil = SPOILERS[os.environ["SPOIL"]]
    if spoil is None:
        return status + 7, body  # of the same class, and another meaning
    if content_type != "application/json" or not body:
        return status, body
    value = json.loads(body)
    if isinstance(value, dict) and isinstance(value.get("jobs"), list):
        for job in value["jobs"]:
            spoil(job)
    elif isinstance(value, dict):
        spoil(value)
    return status, json.dumps(value).encode()


def _victim(body: Mapping[str, Any]) -> str:
    return min(body, key=lambda key: (key in NEEDED, key))


def _routes_that_fail(side: str, way: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "parity_harness", "check", "--quiet", "--declared-only"]
        options = [f"--{side}", SIDES[side], "--json", str(report)]
        done = subprocess.run(
            [*command, *options],
            cwd=CONTRACT,
            env={**os.environ, "SPOIL": way, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"the harness could not run:\n{done.stdout}{done.stderr}")
        found = json.loads(report.read_text())["divergences"]
    return {one["route"] for one in found if one["decision"] is None}


if __name__ == "__main__":
    sys.exit(main())
