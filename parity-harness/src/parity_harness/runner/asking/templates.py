"""Captured values: taken from one answer, put into later requests as `{{name}}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from parity_harness.model.exchange import Probe, Response

Captured = Mapping[str, str]

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


class NothingCapturedError(Exception):
    """An answer has no value where a later request needs one; the message says where."""


def capture(response: Response, place: str) -> str:
    """Return one value of an answer.

    A place is a JSON Pointer into the body, `header:NAME`, or `cookie:NAME` for the value of a
    cookie that is set.

    Raises:
        NothingCapturedError: the answer has nothing there.
    """
    kind, _, name = place.partition(":")
    if kind == "header":
        found: object = response.header(name)
    elif kind == "cookie":
        found = _cookie(response, name)
    else:
        found = at_pointer(response.body, place)
    if found is None:
        raise NothingCapturedError(f"the answer has nothing at '{place}'")
    return found if isinstance(found, str) else json.dumps(found)


def fill(probe: Probe, captured: Captured) -> Probe:
    """Return a probe with its placeholders filled in; in a path or query, percent-encoded.

    Raises:
        NothingCapturedError: a placeholder has no value.
    """
    if not _has_placeholders(probe):
        return probe
    headers = tuple((name, _fill(value, captured)) for name, value in probe.headers)
    body = _fill(probe.body.decode("latin-1"), {k: _as_body(v) for k, v in captured.items()})
    target = _target(probe.target, captured)
    return replace(probe, target=target, headers=headers, body=body.encode("latin-1"))


def at_pointer(body: bytes, pointer: str) -> object:
    """Return the value at a JSON Pointer (RFC 6901).

    Raises:
        NothingCapturedError: the body is no JSON, or has nothing there.
    """
    try:
        value = json.loads(body)
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError):
        raise NothingCapturedError(f"the answer has nothing at '{pointer}'") from None
    return value


def _cookie(response: Response, name: str) -> str | None:
    pairs = (line.partition(";")[0].partition("=") for line in response.header_values("set-cookie"))
    return next((value for key, _, value in pairs if key.strip() == name), None)


def _has_placeholders(probe: Probe) -> bool:
    texts = (probe.target, *(value for _, value in probe.headers))
    return b"{{" in probe.body or any("{{" in text for text in texts)


def _target(template: str, captured: Captured) -> str:
    match = _PLACEHOLDER.match(template)
    if match:  # a captured Location: a URL already
        filled = _fill(template, captured)
        parts = urlsplit(filled)
        path = parts.path or "/"
        return (f"{path}?{parts.query}" if parts.query else path) if parts.scheme else filled
    return _fill(template, {name: quote(value, safe="") for name, value in captured.items()})


def _fill(text: str, captured: Captured) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in captured:
            raise NothingCapturedError(f"no earlier answer gave '{match[1]}'")
        return captured[match[1]]

    return _PLACEHOLDER.sub(value, text)


def _as_body(value: str) -> str:
    return value.encode().decode("latin-1")  # bodies are filled in as bytes
