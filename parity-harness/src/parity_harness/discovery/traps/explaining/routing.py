"""Traps of routing: methods, slashes, unknown paths, pages unasked for."""

from __future__ import annotations

import re
from urllib.parse import unquote

from parity_harness.discovery.traps.explaining.sight import (
    Fits,
    Sight,
    is_success,
    is_werkzeug_page,
)
from parity_harness.model.divergence import Kind

_PAGES = re.compile(r"/(docs|redoc|openapi\.json|docs/oauth2-redirect)$")
_KNOWN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_HEX = "[0-9A-Fa-f]"
_WERKZEUG = {
    "int": re.compile(r"\d+"),
    "float": re.compile(r"\d+\.\d+"),
    "uuid": re.compile(f"{_HEX}{{8}}-({_HEX}{{4}}-){{3}}{_HEX}{{12}}"),
}
_PYDANTIC = {
    "int": re.compile(r"\s*[+-]?\d[\d_]*(\.0*)?\s*"),
    "float": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf(inity)?", re.I),
    "uuid": re.compile(rf"(urn:uuid:)?\{{?{_HEX}{{8}}-?({_HEX}{{4}}-?){{3}}{_HEX}{{12}}\}}?"),
}
_LENGTHS_OF_NOT_FOUND = ("207", "22")  # of Werkzeug's page and of {"detail":"Not Found"}
_FROM_PARAMETER = re.compile(r"path \w+ \((\w+)\): ")


def _pages(sight: Sight) -> bool:
    if sight.divergence.kind is Kind.ROUTE_EXTRA:
        return bool(_PAGES.search(sight.divergence.route))
    is_new = sight.baseline.status == 404 and is_success(sight.candidate.status)
    return is_new and bool(_PAGES.search(sight.path)) and sight.probe.method == "GET"


def _static(sight: Sight) -> bool:
    if sight.divergence.kind is Kind.ROUTE_MISSING:
        return sight.divergence.route == "/static/{filename}"
    lost = sight.candidate.status == 404 and sight.baseline.status in (200, 206, 304)
    return lost and sight.path.startswith("/static/")


def _unknown_method(sight: Sight) -> bool:
    return sight.probe.method not in _KNOWN and sight.statuses == (405, 400)


def _head(sight: Sight) -> bool:
    refused = sight.candidate.status == 405 and sight.baseline.status != 405
    return sight.probe.method == "HEAD" and refused and sight.is_of_whole_answer


def _preflight(sight: Sight) -> bool:
    is_preflight = bool(sight.header_of_request("access-control-request-method"))
    written = sight.candidate.body.startswith((b"OK", b"Disallowed CORS"))
    by_middleware = written and (sight.candidate.header("content-type") or "").startswith(
        "text/plain"
    )
    return is_preflight and by_middleware and sight.baseline.body != sight.candidate.body


def _options(sight: Sight) -> bool:
    answered = sight.statuses == (200, 405) and sight.baseline.header("allow") is not None
    return sight.probe.method == "OPTIONS" and answered and sight.is_of_whole_answer


def _wrong_method(sight: Sight) -> bool:
    if sight.statuses != (405, 405):
        return False
    if sight.divergence.path.startswith("header:allow"):
        return _allowed(sight, 1) < _allowed(sight, 0)
    is_default = is_werkzeug_page(sight.baseline) and sight.detail == "Method Not Allowed"
    return is_default and sight.is_of_whole_answer


def _allowed(sight: Sight, side: int) -> set[str]:
    response = (sight.baseline, sight.candidate)[side]
    return {each.strip() for each in (response.header("allow") or "").split(",")}


def _double_slash(sight: Sight) -> bool:
    forgiven = sight.baseline.status == 308 or sight.baseline.status < 300
    return "//" in sight.path and forgiven and sight.candidate.status == 404


def _slash_too_many(sight: Sight) -> bool:
    target = _location_path(sight.candidate.header("location"))
    unslashed = sight.path.endswith("/") and target == sight.path.rstrip("/")
    return unslashed and sight.statuses[1] == 307 and sight.statuses[0] in (404, 405)


def _slash_missing(sight: Sight) -> bool:
    if sight.baseline.status not in (301, 308) or sight.candidate.status != 307:
        return False
    targets = {_location_path(r.header("location")) for r in (sight.baseline, sight.candidate)}
    return targets == {sight.path + "/"} and sight.is_of_whole_answer


def _location_path(location: str | None) -> str:
    return re.sub(r"^\w+://[^/]*", "", location or "").partition("?")[0]


def _last_newline(sight: Sight) -> bool:
    matched = sight.baseline.status == 404 and sight.candidate.status != 404
    return sight.path.upper().endswith("%0A") and matched


def _encoded_slash(sight: Sight) -> bool:
    return "%2f" in sight.path.lower() and _not_found(sight)


def _not_found(sight: Sight) -> bool:
    is_default = is_werkzeug_page(sight.baseline) and sight.detail == "Not Found"
    if sight.probe.method == "HEAD":
        is_default = not sight.probe.route and _lengths(sight) == _LENGTHS_OF_NOT_FOUND
    return sight.statuses == (404, 404) and is_default and sight.is_of_whole_answer


def _lengths(sight: Sight) -> tuple[str | None, str | None]:
    return sight.baseline.header("content-length"), sight.candidate.header("content-length")


def _empty_path(sight: Sight) -> bool:
    route = sight.probe.route or ""
    start, name, rest = route.rpartition("{")
    is_empty = bool(name) and rest.endswith("}") and sight.path == start
    return is_empty and sight.baseline.status == 404 and is_success(sight.candidate.status)


def _taken(converter: str) -> Fits:
    """Return a sign: Werkzeug's converter refused a spelling that pydantic took."""

    def fits(sight: Sight) -> bool:
        purpose = _FROM_PARAMETER.match(sight.probe.purpose)
        if purpose is None or purpose[1] != converter:
            return False
        text = unquote(sight.probe.purpose[purpose.end() :])
        is_taken = sight.baseline.status == 404 and _came_to_a_handler(sight)
        is_odd = _PYDANTIC[converter].fullmatch(text) and not _WERKZEUG[converter].fullmatch(text)
        return is_taken and bool(is_odd)

    return fits


def _came_to_a_handler(sight: Sight) -> bool:
    """Whether it was the port's own code that answered, if only that there is no such thing."""
    if is_success(sight.candidate.status):
        return True
    is_own = sight.candidate.status == 404 and sight.detail != "Not Found"
    return is_own and is_werkzeug_page(sight.baseline)


def _order(sight: Sight) -> bool:
    """A route without parameters was answered by one with: it shows the last segment as a value."""
    route, last = sight.probe.route or "", sight.path.rpartition("/")[2]
    if "{" in route or not last or sight.path.rstrip("/") != route.rstrip("/"):
        return False
    if any(each.get("input") == last for each in sight.errors_at("path")):
        return True
    one, other = sight.answered
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    return last in other.values() and last not in one.values() and one.keys() != other.keys()


ROUTING: dict[str, Fits] = {
    "FF24": _pages,
    "FF25": _static,
    "FF26": _unknown_method,
    "FF02": _head,
    "FF77": _preflight,
    "FF03": _options,
    "FF04": _wrong_method,
    "FF08": _double_slash,
    "FF06": _slash_too_many,
    "FF07": _slash_missing,
    "FF59": _last_newline,
    "FF23": _encoded_slash,
    "FF05": _not_found,
    "FF63": _empty_path,
    "FF10": _taken("int"),
    "FF64": _taken("float"),
    "FF65": _taken("uuid"),
    "FF13": _order,
}
"""Signs by trap, in the order they are asked."""
