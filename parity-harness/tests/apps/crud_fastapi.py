"""Twin 1, candidate: notes, JSON CRUD with state in memory, ported by hand."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from flask_answers import jsonify
from flask_reading import Ask, Asked, documented
from flask_ways import new_app
from pydantic import BaseModel

notes = APIRouter()

QUERY = ("tag", "archived", "sort", "limit", "offset")
SORTS = ("created", "title", "priority")
SEEDS = (
    "milk",
    "Bread",
    "tea",
    "apples",
    "salt",
    "Rice",
    "oil",
    "soap",
    "jam",
    "corn",
    "figs",
    "ink",
)


class ChangedNote(BaseModel):
    """What a change may hold: for the documentation, the handlers check by hand."""

    title: str | None = None
    text: str | None = None
    tags: list[str] | None = None
    priority: int | None = None


class NewNote(BaseModel):
    """What a note is made from."""

    title: str
    text: str = ""
    tags: list[str] = []
    priority: int = 3


class ReplacedNote(NewNote):
    """A note as it is to become; a version says which one it replaces."""

    version: int | None = None


class Store:
    """All notes, in the order they were made."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.created = self.deleted = 0
        for number, title in enumerate(SEEDS):
            tags = ["shop", "home"][: 1 + number % 2]
            made = datetime(2024, 5, 1, 8, number, tzinfo=UTC)
            self.add({"title": title, "tags": tags, "priority": 1 + number % 5}, f"n{number}", made)
        self.created = 0

    def add(self, fields: dict[str, Any], key: str, made: datetime) -> dict[str, Any]:
        row = {"id": key, "text": "", "tags": [], "priority": 3, **fields}
        row |= {"archived": False, "version": 1, "created": made.isoformat()}
        self.rows[key] = row
        self.created += 1
        return row

    def titled(self, title: str) -> dict[str, Any] | None:
        return next((row for row in self.rows.values() if row["title"] == title), None)


def create_app() -> FastAPI:
    """Make a fresh app with twelve notes in it."""
    app = new_app(notes)
    app.state.store = Store()
    return app


@notes.get("/notes", openapi_extra=documented(query=QUERY))
async def list_notes(request: Request, asked: Ask) -> Response:
    limit = asked.args.get("limit", 10, type=int)
    offset = asked.args.get("offset", 0, type=int)
    sort = asked.args.get("sort", "created")
    if not 1 <= limit <= 100 or offset < 0:
        return problem("limit must be 1 to 100, offset 0 or more", 400)
    if sort.removeprefix("-") not in SORTS:
        return problem(f"sort must be one of {', '.join(SORTS)}", 400)
    rows = [row for row in store(request).rows.values() if wanted(asked, row)]
    rows.sort(key=lambda row: row[sort.removeprefix("-")], reverse=sort.startswith("-"))
    page = rows[offset : offset + limit]
    return jsonify({"items": page, "total": len(rows)}, 200, {"X-Total-Count": str(len(rows))})


@notes.post("/notes", openapi_extra=documented(NewNote))
async def create_note(request: Request, asked: Ask) -> Response:
    fields, errors = checked(asked.json(), required=("title",))
    if errors:
        return problem(errors, 400)
    if store(request).titled(fields["title"]):
        return problem("a note with this title exists", 409)
    row = store(request).add(fields, secrets.token_hex(4), datetime.now(UTC))
    return jsonify(row, 201, {"Location": f"/notes/{row['id']}"})


@notes.get("/notes/{key}")
async def read_note(request: Request, key: str) -> Response:
    row = store(request).rows.get(key)
    return jsonify(row) if row else problem("no such note", 404)


@notes.put("/notes/{key}", openapi_extra=documented(ReplacedNote))
async def replace_note(request: Request, key: str, asked: Ask) -> Response:
    row = store(request).rows.get(key)
    if row is None:
        return problem("no such note", 404)
    data = asked.json()
    fields, errors = checked(data, required=("title",))
    if errors:
        return problem(errors, 400)
    if data.get("version", row["version"]) != row["version"]:
        return problem("the note was changed meanwhile", 409)
    row |= {"text": "", "tags": [], "priority": 3, **fields, "version": row["version"] + 1}
    return jsonify(row)


@notes.patch("/notes/{key}", openapi_extra=documented(ChangedNote))
async def change_note(request: Request, key: str, asked: Ask) -> Response:
    row = store(request).rows.get(key)
    if row is None:
        return problem("no such note", 404)
    fields, errors = checked(asked.json(), required=())
    if errors:
        return problem(errors, 400)
    row |= {**fields, "version": row["version"] + 1}
    return jsonify(row)


@notes.delete("/notes/{key}")
async def delete_note(request: Request, key: str) -> Response:
    if store(request).rows.pop(key, None) is None:
        return problem("no such note", 404)
    store(request).deleted += 1
    return Response(status_code=204, media_type="text/html")


@notes.post("/notes/{key}/archive")
async def archive_note(request: Request, key: str) -> Response:
    row = store(request).rows.get(key)
    if row is None:
        return problem("no such note", 404)
    if row["archived"]:
        return problem("already archived", 409)
    row["archived"] = True
    return jsonify(row)


@notes.get("/stats")
async def stats(request: Request) -> Response:
    rows = store(request).rows.values()
    tags = Counter(tag for row in rows for tag in row["tags"])
    done = sum(row["archived"] for row in rows)
    counts = {"notes": len(rows), "archived": done, "tags": dict(tags)}
    moved = {"created": store(request).created, "deleted": store(request).deleted}
    return jsonify(counts | moved)


def store(request: Request) -> Store:
    found: Store = request.app.state.store
    return found


def problem(what: object, status: int) -> Response:
    return jsonify({"error": what}, status)


def wanted(asked: Asked, row: dict[str, Any]) -> bool:
    tag = asked.args.get("tag")
    archived = asked.args.get("archived") == "true"
    return row["archived"] == archived and (tag is None or tag in row["tags"])


def checked(data: object, required: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the known fields of a body, and what is wrong with them."""
    if not isinstance(data, dict):
        return {}, {"": "an object is needed"}
    errors = {name: "is missing" for name in required if name not in data}
    fields = {name: data[name] for name in ("title", "text", "tags", "priority") if name in data}
    if "text" in fields:
        fields["text"] = fields["text"] or ""  # null clears the text
    for name, value in fields.items():
        if not RULES[name](value):
            errors[name] = "is not valid"
    return fields, errors


RULES = {
    "title": lambda value: isinstance(value, str) and 0 < len(value) <= 80,
    "text": lambda value: isinstance(value, str),
    "tags": lambda value: isinstance(value, list) and all(isinstance(tag, str) for tag in value),
    "priority": lambda value: isinstance(value, int) and 1 <= value <= 5,
}
