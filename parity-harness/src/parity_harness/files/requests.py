"""Makes the request of a scenario's step from its table."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import urlencode

from parity_harness.files.tables import Table
from parity_harness.model.exchange import Headers, Probe

_BODIES = ("json", "body", "body_base64", "form")
_EXAMPLE = '"GET /jobs/{{id}}"'


def probe(table: Table, purpose: str) -> Probe:
    """Return a step's request; `purpose` names it where the step does not.

    A header is text, or a list of texts for a repeated one. `json` and `form` set their
    Content-Type unless the step names one.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
    """
    method, target = _request(table)
    body, media_type = _body(table)
    headers = _headers(table)
    if media_type and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", media_type))
    return Probe(
        method=method,
        target=target,
        headers=headers,
        body=body,
        route=table.optional("route", str, example='"/jobs/{id}"'),
        purpose=table.optional("purpose", str, example='"a job is read"') or purpose,
    )


def _request(table: Table) -> tuple[str, str]:
    text = table.required("request", str, example=_EXAMPLE)
    method, gap, target = text.partition(" ")
    if not gap or not (target.startswith(("/", "{{")) or target == "*"):
        raise table.complaint(
            f"request {text!r} is no method and path; write: request = {_EXAMPLE}", at="request"
        )
    if not target.isascii() or " " in target:
        raise table.complaint(
            f"request {text!r} must be as it goes on the wire; percent-encode the path",
            at="request",
        )
    return method, target


def _headers(table: Table) -> Headers:
    example = '{ Accept = "application/json" }'
    named = table.optional("headers", dict, example=example) or {}
    headers: list[tuple[str, str]] = []
    for name, value in named.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            raise table.complaint(f'header {name} must be text; write: "{value}"', at="headers")
        headers += [(name, each) for each in values]
    return tuple(headers)


def _body(table: Table) -> tuple[bytes, str | None]:
    given = [key for key in _BODIES if key in table.values]
    if len(given) > 1:
        raise table.complaint(
            f"a step has one body; keep one of {' and '.join(given)}", at=given[1]
        )
    match given:
        case ["json"]:
            return _dumped(table), "application/json"
        case ["body"]:
            return (table.optional("body", str, example='"text"') or "").encode(), None
        case ["body_base64"]:
            return _decoded(table), None
        case ["form"]:
            form = table.optional("form", dict, example='{ name = "value" }') or {}
            return urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"
        case _:
            return b"", None


def _dumped(table: Table) -> bytes:
    try:
        return json.dumps(table.values["json"], ensure_ascii=False).encode()
    except TypeError as error:
        raise table.complaint(
            f"json cannot be sent: {error}; write it as text", at="json"
        ) from None


def _decoded(table: Table) -> bytes:
    text = table.required("body_base64", str, example='"AP8="')
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise table.complaint(f"body_base64 is not base64: {error}", at="body_base64") from None
