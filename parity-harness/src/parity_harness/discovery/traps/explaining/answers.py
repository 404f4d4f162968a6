"""Traps of answering: how a return value or an error becomes bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime

from parity_harness.discovery.traps.explaining.sight import (
    Fits,
    Sight,
    essence,
    is_success,
    is_werkzeug_page,
    shown,
)
from parity_harness.model.divergence import Kind

_TOKENS = (b"NaN", b"Infinity")


def _crash_page(sight: Sight) -> bool:
    is_plain = sight.candidate.body == b"Internal Server Error"
    is_default = is_werkzeug_page(sight.baseline) and is_plain
    return sight.statuses == (500, 500) and is_default and sight.is_of_whole_answer


def _abort(sight: Sight) -> bool:
    same = sight.statuses[0] == sight.statuses[1] >= 400
    is_default = is_werkzeug_page(sight.baseline) and isinstance(sight.detail, str)
    return same and is_default and sight.is_of_whole_answer


def _tuple(sight: Sight) -> bool:
    one, other = sight.answered
    if not isinstance(other, list) or len(other) not in (2, 3) or one is None:
        return False
    return other[:2] == [one, sight.baseline.status]


def _nothing(sight: Sight) -> bool:
    return sight.statuses == (500, 200) and sight.candidate.body == b"null"


def _text(sight: Sight) -> bool:
    is_page = (
        essence(sight.baseline) == "text/html" and essence(sight.candidate) == "application/json"
    )
    return is_page and sight.answered[1] == sight.baseline.body.decode("utf-8", "replace")


def _not_a_number(sight: Sight) -> bool:
    if not any(token in sight.baseline.body for token in _TOKENS):
        return False
    return sight.candidate.status == 500 or sight.divergence.candidate == "null"


def _date(sight: Sight) -> bool:
    one, other = shown(sight.divergence.baseline), shown(sight.divergence.candidate)
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    try:
        moments = (parsedate_to_datetime(one), datetime.fromisoformat(other))
    except ValueError:
        return False
    first, second = (each.replace(tzinfo=each.tzinfo or UTC) for each in moments)
    return first == second.replace(microsecond=0)


def _decimal(sight: Sight) -> bool:
    one, other = shown(sight.divergence.baseline), shown(sight.divergence.candidate)
    if not isinstance(one, str) or isinstance(other, bool) or not isinstance(other, int | float):
        return False
    try:
        return Decimal(one) == Decimal(str(other)) and sight.divergence.path.startswith("body:")
    except InvalidOperation:
        return False


def _null(sight: Sight) -> bool:
    is_extra = sight.divergence.kind is Kind.KEY_EXTRA and sight.divergence.candidate == "null"
    return is_extra and is_success(sight.baseline.status) and is_success(sight.candidate.status)


def _replacement(sight: Sight) -> bool:
    escaped = b"\\ufffd" in sight.baseline.body and "\ufffd".encode() in sight.candidate.body
    return escaped and _writing(sight)


def _writing(sight: Sight) -> bool:
    one, other = sight.answered
    is_json = "json" in essence(sight.baseline) and "json" in essence(sight.candidate)
    return sight.divergence.kind is Kind.BYTES and is_json and one == other


def _reason(sight: Sight) -> bool:
    return sight.divergence.kind is Kind.REASON


ANSWERS: dict[str, Fits] = {
    "FF21": _crash_page,
    "FF43": _abort,
    "FF35": _tuple,
    "FF34": _nothing,
    "FF33": _text,
    "FF20": _not_a_number,
    "FF29": _date,
    "FF30": _decimal,
    "FF41": _null,
    "FF22": _replacement,
    "FF01": _writing,
    "FF27": _reason,
}
"""Signs by trap, in the order they are asked."""
