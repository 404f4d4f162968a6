"""Header fields as what they mean: two spellings of one meaning parse to equal values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from parity_harness.compare.parts.syntax import (
    date,
    joined,
    listed,
    number,
    parametrised,
    unquoted,
)

Meaning = object
"""JSON-shaped, so that it is compared like a body."""

_CHALLENGE = re.compile(r"^([A-Za-z][\w-]*)(?:\s+(.*))?$")
_ORIGIN = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", re.IGNORECASE)


def meaning(name: str, values: Sequence[str]) -> Meaning:
    """Return what the fields of one name say together; `name` is in lower case.

    Headers without a parser of their own are their values, joined as RFC 9110, 5.3 allows.
    """
    return _PARSERS.get(name, joined)(values)


def media_type(value: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type into its essence (lower case) and parameters (RFC 9110, 8.3.1)."""
    essence, parameters = parametrised(value)
    return essence.lower(), {
        key: each.lower() if key == "charset" else each for key, each in parameters.items()
    }


def _content_type(values: Sequence[str]) -> Meaning:
    essence, parameters = media_type(values[-1])
    if "boundary" in parameters:
        parameters["boundary"] = "(any)"
    return "; ".join([essence, *(f"{key}={each}" for key, each in sorted(parameters.items()))])


def _methods(values: Sequence[str]) -> str:
    return ", ".join(sorted({each.upper() for each in listed(values)}))


def _names(values: Sequence[str]) -> str:
    return ", ".join(sorted({each.lower() for each in listed(values)}))


def _cache_control(values: Sequence[str]) -> Meaning:
    """RFC 9111, 5.2: directives in any order, numbers as numbers."""
    directives = (each.partition("=") for each in listed(values))
    return {key.strip().lower(): number(unquoted(value)) if equals else True
            for key, equals, value in directives}  # fmt: skip


def _etag(values: Sequence[str]) -> Meaning:
    text = joined(values)
    weak = text.startswith("W/")
    return {"weak": weak, "tag": unquoted(text.removeprefix("W/"))}


def _set_cookie(values: Sequence[str]) -> Meaning:
    """RFC 6265, 4.1: each cookie by name; one that is set twice keeps both, in order."""
    cookies: dict[str, list[Meaning]] = {}
    for value in values:
        pair, *attributes = value.split(";")
        name, _, content = pair.partition("=")
        cookies.setdefault(name.strip(), []).append(
            {"value": unquoted(content.strip())} | dict(map(_cookie_attribute, attributes))
        )
    return {name: each[0] if len(each) == 1 else each for name, each in cookies.items()}


def _cookie_attribute(text: str) -> tuple[str, Meaning]:
    key, equals, value = (each.strip() for each in text.partition("="))
    key = key.lower()
    if key == "samesite":
        value = value.lower()
    if key == "expires":
        return key, date([value])
    return key, number(value) if equals else True


def _link(values: Sequence[str]) -> Meaning:
    """RFC 8288: links by relation, each with its target and parameters."""
    links: dict[str, list[Meaning]] = {}
    for each in listed(values):
        target, parameters = parametrised(each)
        relation = parameters.pop("rel", "")
        links.setdefault(relation, []).append({"target": target.strip("<> ")} | parameters)
    return {relation: each[0] if len(each) == 1 else each for relation, each in links.items()}


def _www_authenticate(values: Sequence[str]) -> Meaning:
    """RFC 9110, 11.6.1: schemes in order, each with its parameters."""
    challenges: list[dict[str, Meaning]] = []
    for each in listed(values):
        key, equals, value = each.partition("=")
        if equals and challenges and " " not in key.strip():
            challenges[-1][key.strip().lower()] = unquoted(value)
            continue
        found = _CHALLENGE.match(each)
        scheme, rest = (found[1], found[2] or "") if found else (each, "")
        name, equals, first = rest.partition("=")
        challenges.append({"scheme": scheme.lower()})
        if rest:
            challenges[-1][name.strip().lower()] = unquoted(first) if equals else True
    return challenges


def _content_disposition(values: Sequence[str]) -> Meaning:
    """RFC 6266: the extended file name wins over the plain one, quoted or not."""
    kind, parameters = parametrised(joined(values))
    extended = parameters.pop("filename*", None)
    if extended is not None:
        charset, _, encoded = extended.partition("'")
        parameters["filename"] = unquote(encoded.partition("'")[2], charset or "utf-8")
    return {"type": kind.lower()} | parameters


def _location(values: Sequence[str]) -> Meaning:
    """Keep whether it is absolute: a client behind a proxy notices."""
    text = joined(values)
    origin = _ORIGIN.match(text)
    if origin is None:
        return {"origin": "(relative)", "target": text}
    return {"origin": origin[0].lower(), "target": text[origin.end() :] or "/"}


_PARSERS: dict[str, Callable[[Sequence[str]], Meaning]] = {
    "access-control-allow-headers": _names,
    "access-control-allow-methods": _methods,
    "access-control-expose-headers": _names,
    "allow": _methods,
    "cache-control": _cache_control,
    "content-disposition": _content_disposition,
    "content-type": _content_type,
    "etag": _etag,
    "expires": date,
    "last-modified": date,
    "link": _link,
    "location": _location,
    "content-location": _location,
    "set-cookie": _set_cookie,
    "vary": _names,
    "www-authenticate": _www_authenticate,
}
