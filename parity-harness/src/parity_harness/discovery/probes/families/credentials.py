"""Credentials, cookies and other headers a handler reads: absent, wrong, malformed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

from parity_harness.discovery.probes.drafts import secret
from parity_harness.discovery.probes.examples import example, text
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.discovery.shapes import Parameter, Place

WRONG_AUTHORIZATION = (
    ("wrong token", "Bearer wrong"),
    ("wrong password", "Basic " + base64.b64encode(b"alpha:wrong").decode()),
    ("empty", ""),
    ("scheme only", "Bearer"),
    ("malformed Basic", "Basic !!!"),
    ("no colon", "Basic " + base64.b64encode(b"alpha").decode()),
    ("unknown scheme", "Digest a=b"),
)

_ODD_COOKIES = ('"quoted value"', "a=b", "%C3%A9", "a,b", "")


def probes(case: Case) -> Ranked:
    """Yield wrong credentials where the handler reads any, and values of its headers."""
    headers = [each for each in case.operation.parameters if each.place is Place.HEADER]
    for parameter in headers:
        yield from _header(case, parameter)
    names = {each.name.lower() for each in headers}
    has_basic = any(each.place is Place.AUTH for each in case.operation.parameters)
    if has_basic or "authorization" in names:
        yield LIKELY, case.draft.heading("Authorization").probe("authorization: missing")
        yield from _authorization(case)
    for parameter in case.operation.parameters:
        if parameter.place is Place.COOKIE:
            yield from _cookie(case, parameter)


def _header(case: Case, parameter: Parameter) -> Ranked:
    name = parameter.name
    if name.lower() in ("authorization", "content-type", "content-length", "host"):
        return
    yield LIKELY, case.draft.heading(name).probe(f"header {name}: missing")
    valid = secret(parameter)
    for constant in dict.fromkeys([valid, *map(str, parameter.shape.constants), "wrong", ""]):
        purpose = f"header {name}: {constant or 'empty'}"
        yield LIKELY, case.draft.heading(name, constant).probe(purpose)
    yield (
        ODD,
        case.draft.heading(name.lower().replace("-", "_"), valid).probe(
            f"header {name}: with underscores"
        ),
    )
    yield LATER, case.draft.heading(name, valid, "other").probe(f"header {name}: repeated")


def _authorization(case: Case) -> Ranked:
    for what, value in WRONG_AUTHORIZATION:
        yield USUAL, case.draft.heading("Authorization", value).probe(f"authorization: {what}")
    for name, value in case.draft.headers:
        if name.lower() == "authorization":
            lower = value.partition(" ")[0].lower() + value[len(value.partition(" ")[0]) :]
            yield (
                LATER,
                case.draft.heading(name, lower).probe("authorization: scheme in lower case"),
            )
            for what, other in _in_another_case(value):
                yield LATER, case.draft.heading("Authorization", other).probe(what)


def _in_another_case(value: str) -> Iterator[tuple[str, str]]:
    """Yield Basic credentials with the name, then with the password in the other case."""
    scheme, _, code = value.partition(" ")
    if scheme == "Basic":
        name, _, password = base64.b64decode(code).decode().partition(":")
        for what, pair in (
            ("name", f"{name.swapcase()}:{password}"),
            ("password", f"{name}:{password.swapcase()}"),
        ):
            encoded = base64.b64encode(pair.encode()).decode()
            yield f"authorization: {what} in another case", f"Basic {encoded}"


def _cookie(case: Case, parameter: Parameter) -> Ranked:
    name = parameter.name
    yield LIKELY, case.draft.heading("Cookie").probe(f"cookie {name}: missing")
    legal = [text(each) for each in parameter.shape.constants] or [text(example(parameter.shape))]
    for value in [*legal, "wrong"]:
        cookie = f"{name}={quote(value, safe='')}"
        yield LIKELY, case.draft.heading("Cookie", cookie).probe(f"cookie {name}: {value}")
    for value in _ODD_COOKIES:
        cookie = f"{name}={value}"
        yield (
            LATER,
            case.draft.heading("Cookie", cookie).probe(f"cookie {name}: {value or 'empty'}"),
        )
    twice = f"{name}={legal[0]}; {name}=other"
    yield LATER, case.draft.heading("Cookie", twice).probe(f"cookie {name}: repeated")
