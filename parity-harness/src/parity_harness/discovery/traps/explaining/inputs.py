"""Traps of reading: both sides answered, but read the request differently."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter

from parity_harness.discovery.traps.explaining.sight import (
    Fits,
    Sight,
    decoded,
    is_success,
    is_werkzeug_page,
    shown,
)

_TRUE = ("1", "yes", "on", "t", "y", "true")
_SPELLED_INTEGER = re.compile(r"[+-]?\d[\d_]*\.0+")
_SESSION = re.compile(r"(?:^|;\s*)session=(\.?[\w-]+)\.[\w-]+\.[\w-]+")


def _repeated_query(sight: Sight) -> bool:
    values = [decoded(value) for name, value in sight.query if name == _repeated(sight.query)]
    return _first_and_last(sight, values)


def _repeated_cookie(sight: Sight) -> bool:
    cookies = "; ".join(sight.header_of_request("cookie")).split(";")
    pairs = [(name.strip(), value) for name, _, value in (each.partition("=") for each in cookies)]
    return _first_and_last(sight, [value for name, value in pairs if name == _repeated(pairs)])


def _first_and_last(sight: Sight, values: list[str]) -> bool:
    """Tell whether one side shows the first value and the other the last."""
    if len(values) < 2 or not sight.divergence.path.startswith("body:"):
        return False
    seen = (str(shown(sight.divergence.baseline)), str(shown(sight.divergence.candidate)))
    return seen in {(values[0], values[-1]), *_lengths(values)}


def _lengths(values: list[str]) -> set[tuple[str, str]]:
    return {(f"{values[0]} items", f"{values[-1]} items")}


def _repeated(pairs: list[tuple[str, str]]) -> str:
    counts = Counter(name for name, _ in pairs)
    return next((name for name, count in counts.items() if count > 1), "")


def _repeated_header(sight: Sight) -> bool:
    names = Counter(name.lower() for name, _ in sight.probe.headers)
    joined = [",".join(sight.header_of_request(n)) for n, count in names.items() if count > 1]
    return shown(sight.divergence.baseline) in joined


def _not_utf8(sight: Sight) -> bool:
    is_page = sight.statuses == (400, 400) and is_werkzeug_page(sight.baseline)
    said = sight.detail == "There was an error parsing the body"
    return is_page and said and sight.is_of_whole_answer


def _coerced(sight: Sight) -> bool:
    sent, answer = sight.sent, sight.answered[1]
    if not isinstance(sent, dict) or not isinstance(answer, dict):
        return False
    if not is_success(sight.candidate.status):
        return False
    if is_success(sight.baseline.status):
        key = sight.divergence.path.removeprefix("body:/")
        return key in sent and key in answer and _is_coercion(sent[key], answer[key])
    refused = sight.baseline.status in (400, 422)
    return refused and any(_is_coercion(sent[key], answer[key]) for key in sent.keys() & answer)


def _is_coercion(sent: object, answered: object) -> bool:
    if type(sent) is type(answered) or isinstance(answered, bool):
        return False
    if not isinstance(answered, int | float) or not isinstance(sent, str | int | float):
        return False
    try:
        return float(sent) == float(answered)
    except ValueError:
        return False


def _boolean(sight: Sight) -> bool:
    values = [decoded(value).lower() for _, value in sight.query]
    flipped = (sight.divergence.baseline, sight.divergence.candidate) == ("false", "true")
    return flipped and any(value in _TRUE for value in values)


def _spelled(sight: Sight) -> bool:
    values = [decoded(value) for _, value in sight.query]
    whole = [float(value) for value in values if _SPELLED_INTEGER.fullmatch(value)]
    told = shown(sight.divergence.candidate)
    return isinstance(told, int | float) and not isinstance(told, bool) and told in whole


def _query_bytes(sight: Sight) -> bool:
    kept = re.search(r"%[0-9A-F]{2}", sight.divergence.baseline)
    return bool(kept) and _has_replacement(sight.divergence.candidate) and bool(sight.query)


def _has_replacement(text: str) -> bool:
    return "\ufffd" in str(shown(text))


def _session(sight: Sight) -> bool:
    if (sight.divergence.path, sight.divergence.baseline) == ("header:vary", "Cookie"):
        return "session=" in "".join(sight.header_of_request("cookie"))
    held = [value for each in sight.header_of_request("cookie") for value in _held(each)]
    lost = sight.divergence.path.startswith("body:") and sight.divergence.candidate == "null"
    return lost and shown(sight.divergence.baseline) in held


def _held(cookie: str) -> list[object]:
    """Return what a Flask session cookie holds; it is signed, not encrypted."""
    found = _SESSION.search(cookie)
    if not found:
        return []
    text = found[1].lstrip(".")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        value = json.loads(zlib.decompress(raw) if found[1].startswith(".") else raw)
    except (ValueError, zlib.error):
        return []
    return list(value.values()) if isinstance(value, dict) else []


def _too_large(sight: Sight) -> bool:
    is_read = is_success(sight.candidate.status) or bool(sight.errors)
    return sight.baseline.status == 413 and is_read and not _is_form_of_fields(sight)


def _is_form_of_fields(sight: Sight) -> bool:
    """A multipart form without a file meets another limit of Werkzeug's: FF45."""
    types = "".join(sight.header_of_request("content-type"))
    return types.startswith("multipart/") and b'filename="' not in sight.probe.body


INPUTS: dict[str, Fits] = {
    "FF19": _not_utf8,
    "FF44": _too_large,
    "FF16": _repeated_query,
    "FF72": _repeated_cookie,
    "FF60": _repeated_header,
    "FF38": _coerced,
    "FF39": _boolean,
    "FF75": _spelled,
    "FF62": _query_bytes,
    "FF52": _session,
}
"""Signs by trap, in the order they are asked."""
