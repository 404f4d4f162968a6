"""Twin 2, candidate: files and streams, ported by hand."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from flask_answers import jsonify, redirect
from flask_reading import Ask, Asked, documented
from flask_ways import new_app
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.http import http_date, parse_range_header
from werkzeug.sansio.http import is_resource_modified
from werkzeug.utils import secure_filename

files = APIRouter()

MAX_BODY = 64 * 1024
LONG_AGO = datetime(2024, 5, 1, 8, tzinfo=UTC)
README = "Files — kept as they came.\nGrüße, λ\n"
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "label": {"type": "string"},
                    },
                }
            }
        }
    }
}


@dataclass(frozen=True, slots=True)
class File:
    """A stored file."""

    data: bytes
    media_type: str
    label: str = ""
    changed: datetime = LONG_AGO

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def create_app() -> FastAPI:
    """Make a fresh app with three files in it."""
    app = new_app(files, max_body=MAX_BODY)
    app.state.files = {
        "report.txt": File(
            b"".join(b"line %03d of the report\n" % n for n in range(60)), "text/plain"
        ),
        "data.bin": File(bytes(range(256)), "application/octet-stream", "all bytes"),
        "docs/guide.md": File("# Führer\n".encode(), "text/markdown", "a path"),
    }
    return app


@files.get("/files")
async def list_files(request: Request, asked: Ask) -> Response:
    answer = jsonify([described(name, file) for name, file in stored(request).items()])
    return compressed(asked, answer)


@files.post("/files", openapi_extra=UPLOAD)
async def upload(request: Request, asked: Ask) -> Response:
    part = asked.files.get("file")
    if part is None or not part.filename:
        return jsonify({"error": "a file is needed"}, 400)
    name = secure_filename(part.filename)
    if not name:
        return jsonify({"error": "the file needs a name"}, 400)
    if name in stored(request):
        return jsonify({"error": "a file of this name exists"}, 409)
    label = asked.form.get("label", "")
    media_type = part.mimetype or "application/octet-stream"
    file = File(part.read(), media_type, label, datetime.now(UTC))
    stored(request)[name] = file
    return jsonify(described(name, file), 201, {"Location": f"/files/{quote(name)}"})


@files.get("/files/{name:rest}", openapi_extra=documented(query=("download",)))
async def download(request: Request, name: str, asked: Ask) -> Response:
    file = stored(request).get(name)
    if file is None:
        raise NotFound
    kind = "attachment" if asked.args.get("download") == "1" else "inline"
    headers = {
        "Content-Disposition": f"{kind}; filename={name.rpartition('/')[2]}",
        "Last-Modified": http_date(file.changed),
        "Cache-Control": "public, max-age=3600",
        "Expires": http_date(int(time.time() + 3600)),
        "ETag": f'"{file.digest[:16]}"',
        "Date": http_date(),
        "Accept-Ranges": "bytes",
        "Content-Type": media_type_with_charset(file.media_type),
    }
    return ranged(asked, file, headers)


@files.delete("/files/{name:rest}")
async def delete(request: Request, name: str) -> Response:
    if stored(request).pop(name, None) is None:
        raise NotFound
    return Response(status_code=204, media_type="text/html")


@files.get("/export.csv")
async def export(request: Request) -> Response:
    async def lines() -> AsyncIterator[str]:
        yield "name,size,type\r\n"
        for name, file in stored(request).items():
            yield f"{name},{len(file.data)},{file.media_type}\r\n"

    disposition = {"Content-Disposition": 'attachment; filename="export.csv"'}
    return StreamingResponse(lines(), media_type="text/csv", headers=disposition)


@files.get("/log", openapi_extra=documented(query=("lines",)))
async def log(asked: Ask) -> Response:
    async def lines(wanted: int) -> AsyncIterator[str]:
        for n in range(wanted):
            yield f"line {n}\n"

    wanted = min(asked.args.get("lines", 5, type=int), 200)
    return StreamingResponse(lines(wanted), media_type="text/plain")


@files.get("/readme")
async def readme() -> Response:
    return Response(README, headers={"Content-Language": "en"}, media_type="text/plain")


@files.get("/latest")
async def latest(request: Request) -> Response:
    name = max(stored(request), key=lambda name: stored(request)[name].changed, default=None)
    if name is None:
        raise NotFound
    return redirect(f"/files/{quote(name)}")


@files.get("/pixel.png")
async def pixel() -> Response:
    return Response(
        PIXEL, headers={"Cache-Control": "public, max-age=86400"}, media_type="image/png"
    )


def stored(request: Request) -> dict[str, File]:
    found: dict[str, File] = request.app.state.files
    return found


def described(name: str, file: File) -> dict[str, object]:
    row = {"name": name, "size": len(file.data), "type": file.media_type, "label": file.label}
    return row | {"sha256": file.digest}


def media_type_with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def ranged(asked: Asked, file: File, headers: dict[str, str]) -> Response:
    """Answer 206, 304, 412, 416 or the whole, as Werkzeug's `make_conditional` does."""
    size, sent = len(file.data), asked.headers
    if size and "Range" in sent and ("If-Range" not in sent or not modified(asked, headers)):
        wanted = parse_range_header(sent["Range"])
        span = wanted.range_for_length(size) if wanted else None
        if wanted is None or span is None:
            raise RequestedRangeNotSatisfiable(size)
        headers["Content-Range"] = wanted.to_content_range_header(size) or ""
        return Response(file.data[span[0] : span[1]], 206, headers)
    if not modified(asked, headers, ignore_if_range=True):
        if asked.if_match:
            return Response(file.data, 412, headers)
        for name in ("Content-Type", "Last-Modified"):  # Werkzeug sends no entity headers here
            del headers[name]
        return Response(status_code=304, headers=headers)
    return Response(file.data, 200, headers)


def modified(asked: Asked, headers: dict[str, str], *, ignore_if_range: bool = False) -> bool:
    sent = asked.headers
    return is_resource_modified(
        http_range=sent.get("Range"),
        http_if_range=sent.get("If-Range"),
        http_if_modified_since=sent.get("If-Modified-Since"),
        http_if_none_match=sent.get("If-None-Match"),
        http_if_match=sent.get("If-Match"),
        etag=headers["ETag"],
        last_modified=headers["Last-Modified"],
        ignore_if_range=ignore_if_range,
    )


def compressed(asked: Asked, answer: Response) -> Response:
    answer.headers["Vary"] = "Accept-Encoding"
    if asked.accept_encodings.quality("gzip") <= 0:
        return answer
    answer.body = gzip.compress(bytes(answer.body), mtime=0)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Content-Length"] = str(len(answer.body))
    return answer
