"""Traps of header fields: cookies, files, media types, redirects, credentials."""

from __future__ import annotations

import re

from parity_harness.discovery.traps.explaining.sight import (
    Fits,
    Sight,
    essence,
    is_success,
    shown,
)
from parity_harness.model.divergence import Kind

_SEND_FILE_ETAG = re.compile(r'"\d+\.\d+-\d+-\d+"')
_FILE_FIELDS = ("header:cache-control", "header:content-disposition", "header:etag")
_BY_FILE_RESPONSE = re.compile(r"""attachment; filename(="|\*=utf-8'')""")
_OCTAL = re.compile(r"\\(\d{3})")
_REFUSALS = ("Not authenticated", "Invalid authentication credentials", "Invalid credentials")
_FORM_OF_RANGE = ("status", "header:content-type", "header:content-range", "body:")


def _not_modified(sight: Sight) -> bool:
    asked = sight.header_of_request("if-none-match") + sight.header_of_request("if-modified-since")
    return bool(asked) and sight.statuses == (304, 200)


def _range(sight: Sight) -> bool:
    """Several ranges: one of the two sides answers them all, in parts."""
    asked = sight.header_of_request("range")
    in_parts = essence(sight.candidate) == "multipart/byteranges"
    is_about_it = sight.divergence.path.startswith(_FORM_OF_RANGE)
    return bool(asked) and "," in asked[0] and in_parts and is_about_it


def _inline(sight: Sight) -> bool:
    values = (sight.divergence.baseline, sight.divergence.candidate)
    is_type = sight.divergence.path == "header:content-disposition/type"
    by_starlette = _BY_FILE_RESPONSE.match(sight.candidate.header("content-disposition") or "")
    return is_type and values == ("inline", "attachment") and bool(by_starlette)


def _file(sight: Sight) -> bool:
    by_flask = _SEND_FILE_ETAG.fullmatch(sight.baseline.header("etag") or "")
    return bool(by_flask) and sight.divergence.path.startswith(_FILE_FIELDS)


def _redirect(sight: Sight) -> bool:
    same = sight.baseline.header("location") == sight.candidate.header("location")
    return sight.statuses == (302, 307) and same and sight.is_of_whole_answer


def _absolute(sight: Sight) -> bool:
    if sight.divergence.path == "header:location/origin":
        return sight.divergence.baseline == "(relative)"
    one, other = shown(sight.divergence.baseline), shown(sight.divergence.candidate)
    if not isinstance(one, str) or not isinstance(other, str) or not one.startswith("/"):
        return False
    return re.fullmatch(r"https?://[^/]+" + re.escape(one), other) is not None


def _cookie_removed(sight: Sight) -> bool:
    is_cookie = sight.divergence.path.startswith("header:set-cookie/")
    return is_cookie and "1970" in _cookie(sight) and "Max-Age=0" in _cookie(sight)


def _same_site(sight: Sight) -> bool:
    parts = sight.divergence.path.split("/")
    is_same_site = parts[0] == "header:set-cookie" and parts[-1] == "samesite"
    return is_same_site and sight.divergence.candidate.lower() == "lax"


def _cookie_quoting(sight: Sight) -> bool:
    octets = bytes(int(octal, 8) for octal in _OCTAL.findall(_cookie(sight)) if int(octal, 8) < 256)
    if sight.candidate.status == 500 and is_success(sight.baseline.status):
        return any(ord(each) > 255 for each in octets.decode("utf-8", "ignore"))
    parts = sight.divergence.path.split("/")
    is_value = parts[0] == "header:set-cookie" and parts[-1] in ("value", *parts[1:2])
    return is_value and bool(octets)


def _cookie(sight: Sight) -> str:
    """Return the baseline's Set-Cookie that the divergence names, all where it names none."""
    name = [*sight.divergence.path.split("/"), ""][1]
    cookies = sight.baseline.header_values("set-cookie")
    named = [each for each in cookies if each.startswith(f"{name}=")]
    return "; ".join(named or cookies)


def _no_content(sight: Sight) -> bool:
    is_type = sight.divergence.path.startswith("header:content-type")
    return sight.statuses == (204, 204) and is_type


def _charset(sight: Sight) -> bool:
    is_type = sight.divergence.path.startswith("header:content-type")
    types = (sight.baseline.header("content-type"), sight.candidate.header("content-type"))
    is_text = not essence(sight.baseline).startswith("text/")
    return is_type and is_text and types[0] == f"{types[1]}; charset=utf-8"


def _no_type(sight: Sight) -> bool:
    missing = sight.divergence.kind is Kind.HEADER_MISSING and sight.baseline.status < 300
    return missing and sight.divergence.path == "header:content-type" and _is_default(sight)


def _is_default(sight: Sight) -> bool:
    return sight.baseline.header("content-type") == "text/html; charset=utf-8"


def _stream(sight: Sight) -> bool:
    return _no_type(sight) and sight.candidate.header("content-length") is None


def _credentials(sight: Sight) -> bool:
    refused = sight.candidate.status in (401, 403) and sight.detail in _REFUSALS
    differs = sight.baseline.status >= 400 and sight.baseline.body != sight.candidate.body
    of_refusal = sight.is_of_whole_answer or "www-authenticate" in sight.divergence.path
    return refused and differs and of_refusal


FIELDS: dict[str, Fits] = {
    "FF54": _not_modified,
    "FF56": _range,
    "FF57": _inline,
    "FF55": _file,
    "FF32": _redirect,
    "FF71": _absolute,
    "FF51": _cookie_removed,
    "FF49": _same_site,
    "FF50": _cookie_quoting,
    "FF46": _no_content,
    "FF58": _charset,
    "FF61": _stream,
    "FF53": _no_type,
    "FF73": _credentials,
}
"""Signs by trap, in the order they are asked."""
