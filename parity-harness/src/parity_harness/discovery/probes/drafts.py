"""A request while it is put together: valid to begin with, spoilt in one place at a time."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from parity_harness.discovery.inventory import MatchedRoute, Operation
from parity_harness.discovery.inventory.templates import filled
from parity_harness.discovery.probes.examples import example, text
from parity_harness.discovery.shapes import Parameter, Place
from parity_harness.model.exchange import Headers, Probe

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "parity-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"

_SECRET = re.compile(r"auth|key|token|secret|signature|session|api[-_]?id", re.I)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A request to be; `path` and `query` hold text as it goes on the wire."""

    method: str
    template: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Pairs = ()
    headers: Headers = ()
    body: bytes = b""

    def probe(self, purpose: str) -> Probe:
        """Return the finished request."""
        return self.aimed(self.target, purpose)

    def aimed(self, target: str, purpose: str) -> Probe:
        """Return the request with a target of its own."""
        return Probe(self.method, target, self.headers, self.body, self.template, purpose)

    @property
    def target(self) -> str:
        """Path and query."""
        query = "&".join(f"{name}={value}" if value else f"{name}=" for name, value in self.query)
        address = filled(self.template, dict(self.path))
        return f"{address}?{query}" if query else address

    def at(self, name: str, raw: str) -> Draft:
        """Return it with another path parameter."""
        return replace(self, path={**self.path, name: raw})

    def asking(self, name: str, *raw: str) -> Draft:
        """Return it with a query parameter of these values, repeated where several."""
        others = tuple(pair for pair in self.query if pair[0] != name)
        return replace(self, query=others + tuple((name, value) for value in raw))

    def heading(self, name: str, *values: str) -> Draft:
        """Return it with a header of these values, none to leave it out."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=others + tuple((name, value) for value in values))

    def sending(self, body: bytes, media: str | None = JSON) -> Draft:
        """Return it with a body and its Content-Type, or without one."""
        types = (media,) if media is not None else ()
        return replace(self.heading("Content-Type", *types), body=body)

    def telling(self, value: object) -> Draft:
        """Return it with a JSON body."""
        return self.sending(json.dumps(value).encode())


def draft(
    route: MatchedRoute, operation: Operation, path: Mapping[str, str] | None = None
) -> Draft:
    """Return a request that should succeed; `path` holds values known to exist."""
    plain = Draft(
        operation.method,
        route.template,
        path={each.name: path_text(each) for each in route.baseline.path} | dict(path or {}),
        query=tuple(_required_query(operation)),
        headers=tuple(credentials(operation)),
    )
    if operation.body is not None:
        return plain.telling(example(operation.body))
    fields = form_fields(operation)
    if any(place is Place.FILE for place, _, _ in fields):
        return plain.sending(multipart(fields), MULTIPART)
    if fields:
        return plain.sending(urlencoded(fields), URLENCODED)
    return plain


def path_text(parameter: Parameter) -> str:
    """Return an example of a path parameter, percent-encoded; a path keeps its slashes."""
    safe = "/" if parameter.shape.format == "path" else ""
    return quote(text(example(parameter.shape, parameter.name)), safe=safe)


def unlikely_text(parameter: Parameter) -> str:
    """Return a value that a path parameter takes and that names nothing."""
    ids = {"int": "999999", "float": "999.5", "uuid": "00000000-0000-4000-8000-000000000000"}
    return ids.get(parameter.shape.format, "no-such")


def query_text(parameter: Parameter) -> str:
    """Return an example of a query parameter, percent-encoded."""
    return quote(text(example(parameter.shape, parameter.name)), safe="")


def credentials(operation: Operation) -> list[tuple[str, str]]:
    """Return the headers that the source says let a request in, an acceptable type too."""
    headers = []
    for parameter in operation.parameters:
        is_negotiated = parameter.name == "Accept" and parameter.shape.constants
        if parameter.place is Place.HEADER and (is_negotiated or _SECRET.search(parameter.name)):
            headers.append((parameter.name, secret(parameter)))
    headers += _cookies(operation)
    basic = {p.name: example(p.shape) for p in operation.parameters if p.place is Place.AUTH}
    if basic:
        pair = f"{basic.get('username', 'alpha')}:{basic.get('password', 'alpha')}"
        headers.append(("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()))
    return headers


def secret(parameter: Parameter) -> str:
    """Return a credential: `Bearer ` and the token, where the source compares them apart."""
    words = [each for each in parameter.shape.constants if isinstance(each, str) and each]
    schemes = [word for word in words if re.fullmatch(r"(bearer|basic|token) ?", word, re.I)]
    tokens = [word for word in words if word not in schemes]
    token = tokens[0] if tokens else "alpha"
    if schemes and not re.match(r"(bearer|basic|token) ", token, re.I):
        return f"{schemes[0].strip()} {token}"
    return token


Field = tuple[Place, str, str]
"""Where a form field travels, its name, and its text."""


def form_fields(operation: Operation) -> list[Field]:
    """Return the fields of a valid form."""
    return [
        (each.place, each.name, text(example(each.shape, each.name)))
        for each in operation.parameters
        if each.place in (Place.FORM, Place.FILE)
    ]


def urlencoded(fields: list[Field]) -> bytes:
    """Return fields as an HTML form without files sends them."""
    return "&".join(f"{quote(name)}={quote(value)}" for _, name, value in fields).encode()


def multipart(
    fields: list[Field], filename: str = "alpha.txt", media: str | None = "text/plain"
) -> bytes:
    """Return fields as a form with files sends them; `media` is the type of every file."""
    parts = [_part(each, filename, media) for each in fields]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def _part(each: Field, filename: str, media: str | None) -> bytes:
    place, name, value = each
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if place is Place.FILE:
        disposition += f'; filename="{filename}"'
        disposition += "" if media is None else f"\r\nContent-Type: {media}"
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}\r\n".encode()


def _required_query(operation: Operation) -> list[tuple[str, str]]:
    return [
        (each.name, query_text(each))
        for each in operation.parameters
        if each.place is Place.QUERY
        and (each.required or (_SECRET.search(each.name) and each.shape.constants))
    ]


def _cookies(operation: Operation) -> list[tuple[str, str]]:
    known = [
        f"{each.name}={text(example(each.shape))}"
        for each in operation.parameters
        if each.place is Place.COOKIE and each.shape.constants
    ]
    return [("Cookie", "; ".join(known))] if known else []
