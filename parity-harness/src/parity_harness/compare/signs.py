"""By what a divergence is recognised elsewhere: the signs that it shares with its like."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable

from parity_harness.compare.forms import form_of
from parity_harness.compare.parts.differences import ABSENT
from parity_harness.model.divergence import Divergence, Kind

Sign = tuple[Hashable, ...]

_SHOWN_BY_A_READ = re.compile(r"state:(.*)/(?=(?:status|reason|body:|header:|effect:))")
_CORS = "header:access-control-"
_FIRST_REDIRECT = 300
_FIRST_ERROR = 400
_FIRST_CRASH = 500


def signs(divergence: Divergence) -> tuple[Sign, ...]:
    """Return what a divergence shares with others of the same cause; a trap outweighs all."""
    if divergence.trap:
        return (("trap", divergence.trap),)
    match divergence.kind:
        case Kind.STATUS | Kind.FAILURE:
            return _of_status(divergence)
        case Kind.MEDIA_TYPE:
            types = (divergence.baseline, divergence.candidate)
            return (("media type", _error(divergence), *types),)
        case Kind.HEADER_MISSING | Kind.HEADER_EXTRA | Kind.HEADER_VALUE:
            return (("header", divergence.kind, _header(divergence)),)
        case Kind.ROUTE_MISSING | Kind.ROUTE_EXTRA | Kind.LATENCY:
            return ((divergence.kind, divergence.route),)
        case Kind.CHUNKS | Kind.TRUNCATED:
            return ((divergence.kind, divergence.method, divergence.route),)
        case Kind.BYTES:
            place = _error(divergence) or divergence.route
            return (("bytes", divergence.path, divergence.severity, place),)
        case Kind.STATE:
            stored = _leaf(divergence) or f"{divergence.method} {divergence.route}"
            return (("state", stored), _of_value(divergence))
        case Kind.REASON:
            return (("reason", divergence.statuses),)
        case _:
            return (_of_value(divergence),)


def rename_of(divergences: Iterable[Divergence]) -> dict[str, tuple[Sign, ...]]:
    """Return a sign for keys that left and came in the same object of the same answer."""
    signs_of: dict[str, tuple[Sign, ...]] = {}
    kinds: dict[Sign, dict[Kind, str]] = {}
    for each in divergences:
        if each.kind in {Kind.KEY_MISSING, Kind.KEY_EXTRA} and not each.trap:
            parent = each.path.rpartition("/")[0]
            sign: Sign = ("rename", each.method, each.route, each.purpose, parent)
            kinds.setdefault(sign, {}).setdefault(each.kind, each.fingerprint)
    for sign, members in kinds.items():
        if len(members) == 2:
            signs_of |= dict.fromkeys(members.values(), (sign,))
    return signs_of


def headline(divergence: Divergence) -> str:
    """Say in a few words what differs, without the values that change from run to run."""
    if divergence.trap:
        return divergence.trap
    where = divergence.path.removeprefix("header:").removeprefix("effect:")
    match divergence.kind:
        case Kind.STATUS:
            return f"status {divergence.baseline} → {divergence.candidate}"
        case Kind.MEDIA_TYPE:
            return f"media type of {_answers(divergence)}"
        case Kind.HEADER_MISSING | Kind.HEADER_EXTRA | Kind.HEADER_VALUE:
            return f"header {where} {_SAID[divergence.kind]}"
        case Kind.KEY_MISSING | Kind.KEY_EXTRA:
            return f"key {_leaf(divergence)} {_SAID[divergence.kind]}"
        case Kind.BYTES:
            return f"body of {_answers(divergence)}"
        case Kind.ROUTE_MISSING | Kind.ROUTE_EXTRA:
            return f"{divergence.kind.replace('-', ' ')}: {divergence.route}"
        case Kind.VALUE | Kind.TYPE:
            return f"{_leaf(divergence) or 'body'}: {_change(divergence)}"
        case Kind.STATE:
            return f"state of {_leaf(divergence) or _read(divergence)}"
        case _:
            return f"{divergence.kind} of {_leaf(divergence) or where}"


_SAID = {
    Kind.HEADER_MISSING: "is missing",
    Kind.HEADER_EXTRA: "is extra",
    Kind.HEADER_VALUE: "differs",
    Kind.KEY_MISSING: "is missing",
    Kind.KEY_EXTRA: "is extra",
}


def _of_status(divergence: Divergence) -> tuple[Sign, ...]:
    """Refusals and redirects are made in one place for all routes; crashes are not."""
    baseline, candidate = divergence.statuses
    move = (divergence.baseline, divergence.candidate)
    here: Sign = ("status", divergence.method, divergence.route, *move)
    made_by_hand = baseline < _FIRST_REDIRECT and (
        candidate < _FIRST_REDIRECT or candidate >= _FIRST_CRASH
    )
    return (here,) if made_by_hand else (here, ("status", divergence.purpose, *move))


def _of_value(divergence: Divergence) -> Sign:
    leaf = _leaf(divergence)
    place = leaf or (divergence.method, divergence.route, _read(divergence))
    if divergence.kind in {Kind.LENGTH, Kind.ORDER, Kind.IDENTITY, Kind.EFFECT}:
        return (divergence.kind, place)
    return ("value", place, _shape(divergence.baseline), _shape(divergence.candidate))


def _header(divergence: Divergence) -> str:
    """Return which header it is; those of CORS come and go together, Vary among them."""
    told = {divergence.baseline, divergence.candidate}
    if divergence.path == "header:vary" and told == {"Origin", ABSENT.value}:
        return _CORS
    is_there = divergence.kind is not Kind.HEADER_VALUE
    return _CORS if is_there and divergence.path.startswith(_CORS) else divergence.path


def _leaf(divergence: Divergence) -> str:
    """Return the last key of a path, without positions; of a state, of what the read showed."""
    inner = _SHOWN_BY_A_READ.sub("", divergence.path)
    keys = [each for each in inner.split("/")[1:] if each != "*" and not each.isdigit()]
    return keys[-1] if keys else ""


def _read(divergence: Divergence) -> str:
    """Return which read showed a state."""
    found = _SHOWN_BY_A_READ.match(divergence.path)
    return found[1] if found else divergence.route


def _change(divergence: Divergence) -> str:
    one, two = _shape(divergence.baseline), _shape(divergence.candidate)
    return f"another {one}" if one == two else f"{one} → {two}"


def _shape(text: str) -> str:
    """Return the form of a value from its printed text."""
    if text == ABSENT.value:
        return "missing"
    try:
        value = json.loads(text)
    except ValueError:
        return "value"
    return form_of(value) or ("object" if isinstance(value, dict) else "array")


def _error(divergence: Divergence) -> int:
    """Return the status of an error answer, 0 for others."""
    status = divergence.statuses[0]
    return status if status >= _FIRST_ERROR else 0


def _answers(divergence: Divergence) -> str:
    return f"{_error(divergence)} answers" if _error(divergence) else f"{divergence.route}"
