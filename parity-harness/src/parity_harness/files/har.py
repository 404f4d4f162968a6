"""HAR files, as browsers and proxies save them, read into probes.

Format: HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from parity_harness.errors import ContractFileError
from parity_harness.model.exchange import Headers, Probe

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that are replayed without being asked twice (RFC 9110, section 9.2.1, without TRACE)."""

_OF_THE_CONNECTION = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "te"}
)


def load(path: Path, *, unsafe: bool = False) -> tuple[Probe, ...]:
    """Return the requests of a HAR file in their order.

    Args:
        path: the file.
        unsafe: also those whose method may change something.

    Raises:
        ContractFileError: the file is missing or is not a HAR file.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))["log"]["entries"]
        probes = tuple(_probe(number, entry["request"]) for number, entry in enumerate(entries, 1))
    except OSError as error:
        raise ContractFileError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ContractFileError(f"{path} is not a HAR file: {error!r}") from error
    return tuple(probe for probe in probes if unsafe or probe.method in SAFE_METHODS)


def _probe(number: int, request: Mapping[str, Any]) -> Probe:
    url = urlsplit(request["url"])
    query = f"?{url.query}" if url.query else ""
    return Probe(
        method=request["method"].upper(),
        target=f"{url.path or '/'}{query}",
        headers=_headers(request),
        body=_body(request.get("postData") or {}),
        purpose=f"entry {number} of the HAR file",
    )


def _headers(request: Mapping[str, Any]) -> Headers:
    pairs = ((header["name"], header["value"]) for header in request.get("headers", []))
    return tuple(
        (name, value)
        for name, value in pairs
        if not name.startswith(":") and name.lower() not in _OF_THE_CONNECTION
    )


def _body(data: Mapping[str, Any]) -> bytes:
    text = data.get("text", "")
    return base64.b64decode(text) if data.get("encoding") == "base64" else text.encode()
