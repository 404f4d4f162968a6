"""Cures of reading: a request as a Flask view sees it.

Werkzeug stays as the parser: where requests must be read alike to the byte, the surest cure is to
keep the reader and to change only the framework around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from io import BytesIO
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.request import Request as WerkzeugRequest


class Asked(WerkzeugRequest):
    """A request as a Flask view sees it."""

    body: bytes = b""
    limit: int | None = None

    def data(self) -> bytes:
        """Return the body; raises 413 over the app's limit."""
        if self.limit is not None and len(self.body) > self.limit:
            raise RequestEntityTooLarge
        return self.body

    def json(self) -> Any:  # noqa: ANN401 - the JSON edge
        """Parse the body as JSON; raises 415 for another media type, 400 where malformed."""
        if not self.is_json:
            raise UnsupportedMediaType(
                "Did not attempt to load JSON data because the request"
                " Content-Type was not 'application/json'."
            )
        try:
            return json.loads(self.data())
        except ValueError as error:
            raise BadRequest from error

    @cached_property
    def _forms(self) -> tuple[Any, Any]:
        parser = FormDataParser(
            stream_factory=lambda *_, **__: BytesIO(),  # which needs no closing
            max_form_memory_size=500_000,
            max_form_parts=1000,
            cls=ImmutableMultiDict,
        )
        stream, size = BytesIO(self.data()), len(self.body)
        return parser.parse(stream, self.mimetype, size, self.mimetype_params)[1:]

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        """Fields of a form, urlencoded or multipart; empty for any other body."""
        return self._forms[0]  # type: ignore[no-any-return]  # Werkzeug types it as its base

    @property
    def files(self) -> ImmutableMultiDict[str, Any]:
        """Uploaded files of a multipart form."""
        return self._forms[1]  # type: ignore[no-any-return]  # Werkzeug types it as its base


async def asked(request: Request) -> Asked:
    """Read a request whole, with Werkzeug's parsers behind it."""
    scope = request.scope
    made = Asked(
        method=scope["method"],
        scheme=scope["scheme"],
        server=scope.get("server"),
        root_path="",
        path=scope["path"],
        query_string=scope["query_string"],
        headers=_folded(scope["headers"]),
        remote_addr=None,
    )
    made.body = await request.body()
    made.limit = getattr(request.app.state, "max_body", None)
    return made


Ask = Annotated[Asked, Depends(asked)]


def documented(body: type[BaseModel] | None = None, *, query: Sequence[str] = ()) -> dict[str, Any]:
    """Tell OpenAPI what a handler reads by hand."""
    extra: dict[str, Any] = {
        "parameters": [{"name": n, "in": "query", "schema": {"type": "string"}} for n in query]
    }
    if body is not None:
        extra["requestBody"] = {
            "content": {"application/json": {"schema": body.model_json_schema()}}
        }
    return extra


def form_fields(*names: str) -> dict[str, Any]:
    """Tell OpenAPI which fields of an urlencoded form a handler reads by hand."""
    fields = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": fields}}}}


def _folded(sent: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Join repeated headers by commas, as WSGI servers do."""
    folded: dict[str, str] = {}
    for name, value in ((k.decode("latin-1"), v.decode("latin-1")) for k, v in sent):
        joins = name in folded and name not in ("content-type", "content-length")
        folded[name] = f"{folded[name]},{value}" if joins else value
    return Headers(folded)
