"""Traps of validation: FastAPI answers 422 where the Flask app answered something else."""

from __future__ import annotations

from parity_harness.discovery.traps.explaining.sight import (
    Error,
    Fits,
    Sight,
    is_success,
    is_werkzeug_page,
)

_NUMBERS = ("int_parsing", "float_parsing", "int_from_float", "decimal_parsing", "int_parsing_size")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_DIGITS_OF_CPYTHON = 4300


def _invalid(sight: Sight) -> bool:
    return bool(sight.errors) and sight.is_of_whole_answer


def _first(sight: Sight, place: str) -> Error:
    found = sight.errors_at(place)
    return found[0] if found else {}


def _text(error: Error) -> str:
    value = error.get("input")
    return value if isinstance(value, str) else ""


def _unicode_digits_in_path(sight: Sight) -> bool:
    text = _text(_first(sight, "path"))
    answered = is_success(sight.baseline.status) or sight.baseline.status == 404
    return _invalid(sight) and answered and text.isdecimal() and not text.isascii()


def _endless_number(sight: Sight) -> bool:
    error = _first(sight, "path")
    is_endless = len(_text(error)) > _DIGITS_OF_CPYTHON and _text(error).isdecimal()
    return _invalid(sight) and sight.baseline.status in (404, 500) and is_endless


def _path(kinds: tuple[str, ...], *, others: bool = False) -> Fits:
    """Return a sign: 404 of the baseline became an error of these types (or of none of them)."""

    def fits(sight: Sight) -> bool:
        kind = str(_first(sight, "path").get("type", ""))
        is_kind = kind != "" and (not kind.startswith(kinds) if others else kind.startswith(kinds))
        return _invalid(sight) and sight.baseline.status == 404 and is_kind

    return fits


def _query_missing(sight: Sight) -> bool:
    missing = _first(sight, "query").get("type") == "missing"
    return _invalid(sight) and missing and sight.baseline.status == 400


def _query_empty(sight: Sight) -> bool:
    error = _first(sight, "query")
    is_empty = error.get("input") == "" and error.get("type") != "missing"
    return _invalid(sight) and is_success(sight.baseline.status) and is_empty


def _query_boolean(sight: Sight) -> bool:
    is_boolean = _first(sight, "query").get("type") == "bool_parsing"
    return _invalid(sight) and is_success(sight.baseline.status) and is_boolean


def _query_spelling(sight: Sight) -> bool:
    text = _text(_first(sight, "query"))
    is_spelling = text.isdecimal() and not text.isascii()
    return _invalid(sight) and is_success(sight.baseline.status) and is_spelling


def _query_number(sight: Sight) -> bool:
    is_number = _first(sight, "query").get("type") in _NUMBERS
    return _invalid(sight) and is_success(sight.baseline.status) and is_number


def _media_type(sight: Sight) -> bool:
    read = is_success(sight.candidate.status) or bool(sight.errors_at("body"))
    return sight.baseline.status == 415 and read and sight.is_of_whole_answer


def _no_json(sight: Sight) -> bool:
    is_page = sight.baseline.status == 400 and is_werkzeug_page(sight.baseline)
    if not is_page or _is_form(sight):
        return False
    if not sight.probe.body:
        return bool(sight.errors_at("body")) or is_success(sight.candidate.status)
    return _first(sight, "body").get("type") == "json_invalid"


def _form_field(sight: Sight) -> bool:
    is_page = sight.baseline.status == 400 and is_werkzeug_page(sight.baseline)
    return is_page and _is_form(sight) and _first(sight, "body").get("type") == "missing"


def _is_form(sight: Sight) -> bool:
    return any(each.startswith(_FORMS) for each in sight.header_of_request("content-type"))


def _empty_file(sight: Sight) -> bool:
    has_empty = b'filename=""' in sight.probe.body
    return has_empty and _invalid(sight) and is_success(sight.baseline.status)


def _before_lookup(sight: Sight) -> bool:
    return _invalid(sight) and sight.baseline.status == 404 and bool(sight.errors_at("body"))


def _before_credentials(sight: Sight) -> bool:
    elsewhere = [each for each in sight.errors if each["loc"][0] != "path"]
    return _invalid(sight) and sight.baseline.status in (401, 403) and bool(elsewhere)


def _crash(sight: Sight) -> bool:
    is_other_type = bool(sight.probe.body) and not isinstance(sight.sent, dict)
    crashed = sight.baseline.status == 500 and bool(sight.errors_at("body"))
    return crashed and is_other_type and sight.is_of_whole_answer


def _custom(sight: Sight) -> bool:
    return _invalid(sight) and sight.baseline.status == 400


VALIDATION: dict[str, Fits] = {
    "FF12": _endless_number,
    "FF11": _unicode_digits_in_path,
    "FF09": _path(("int_",)),
    "FF64": _path(("float_",)),
    "FF65": _path(("uuid_",)),
    "FF66": _path(("int_", "float_", "uuid_", "missing"), others=True),
    "FF69": _query_missing,
    "FF15": _query_empty,
    "FF39": _query_boolean,
    "FF75": _query_spelling,
    "FF14": _query_number,
    "FF17": _media_type,
    "FF18": _no_json,
    "FF68": _form_field,
    "FF70": _empty_file,
    "FF36": _before_lookup,
    "FF37": _before_credentials,
    "FF74": _crash,
    "FF42": _custom,
}
"""Signs by trap, in the order they are asked."""
