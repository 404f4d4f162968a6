"""Twin 2, baseline: files and streams: downloads, ranges, ETags, uploads, CSV, text, gzip."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import IO

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename

files = Blueprint("files", __name__)

MAX_BODY = 64 * 1024
LONG_AGO = datetime(2024, 5, 1, 8, tzinfo=UTC)
README = "Files — kept as they came.\nGrüße, λ\n"
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


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


class InMemory(Request):
    """A request whose uploads need no closing: Werkzeug leaves files open where one is broken."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()


def create_app() -> Flask:
    """Make a fresh app with three files in it."""
    app = Flask(__name__, static_folder=None)
    app.request_class = InMemory
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["files"] = {
        "report.txt": File(
            b"".join(b"line %03d of the report\n" % n for n in range(60)), "text/plain"
        ),
        "data.bin": File(bytes(range(256)), "application/octet-stream", "all bytes"),
        "docs/guide.md": File("# Führer\n".encode(), "text/markdown", "a path"),
    }
    app.after_request(compressed)
    app.register_blueprint(files)
    return app


@files.get("/files")
def list_files() -> ResponseReturnValue:
    return jsonify([described(name, file) for name, file in stored().items()])


@files.post("/files")
def upload() -> ResponseReturnValue:
    part = request.files.get("file")
    if part is None or not part.filename:
        return jsonify(error="a file is needed"), 400
    name = secure_filename(part.filename)
    if not name:
        return jsonify(error="the file needs a name"), 400
    if name in stored():
        return jsonify(error="a file of this name exists"), 409
    label = request.form.get("label", "")
    media_type = part.mimetype or "application/octet-stream"
    file = File(part.read(), media_type, label, datetime.now(UTC))
    stored()[name] = file
    return jsonify(described(name, file)), 201, {"Location": url_for(".download", name=name)}


@files.get("/files/<path:name>")
def download(name: str) -> ResponseReturnValue:
    file = stored().get(name) or abort(404)
    return send_file(
        BytesIO(file.data),
        mimetype=file.media_type,
        download_name=name.rpartition("/")[2],
        as_attachment=request.args.get("download") == "1",
        etag=file.digest[:16],
        last_modified=file.changed,
        max_age=3600,
    )


@files.delete("/files/<path:name>")
def delete(name: str) -> ResponseReturnValue:
    if stored().pop(name, None) is None:
        abort(404)
    return "", 204


@files.get("/export.csv")
def export() -> ResponseReturnValue:
    def lines() -> Iterator[str]:
        yield "name,size,type\r\n"
        for name, file in stored().items():
            yield f"{name},{len(file.data)},{file.media_type}\r\n"

    disposition = {"Content-Disposition": 'attachment; filename="export.csv"'}
    return Response(stream_with_context(lines()), mimetype="text/csv", headers=disposition)


@files.get("/log")
def log() -> ResponseReturnValue:
    wanted = min(request.args.get("lines", 5, type=int), 200)
    return Response((f"line {n}\n" for n in range(wanted)), mimetype="text/plain")


@files.get("/readme")
def readme() -> ResponseReturnValue:
    return README, {"Content-Type": "text/plain; charset=utf-8", "Content-Language": "en"}


@files.get("/latest")
def latest() -> ResponseReturnValue:
    name = max(stored(), key=lambda name: stored()[name].changed, default=None)
    if name is None:
        abort(404)
    return redirect(url_for(".download", name=name))


@files.get("/pixel.png")
def pixel() -> ResponseReturnValue:
    return Response(PIXEL, mimetype="image/png", headers={"Cache-Control": "public, max-age=86400"})


def stored() -> dict[str, File]:
    found: dict[str, File] = current_app.extensions["files"]
    return found


def described(name: str, file: File) -> dict[str, object]:
    row = {"name": name, "size": len(file.data), "type": file.media_type, "label": file.label}
    return row | {"sha256": file.digest}


def compressed(response: Response) -> Response:
    if response.mimetype != "application/json" or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.content_encoding = "gzip"
    return response
