"""Forms: fields missing, empty and repeated, files with odd names, the wrong encoding, limits."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from parity_harness.discovery.probes.drafts import (
    JSON,
    MULTIPART,
    URLENCODED,
    Field,
    form_fields,
    multipart,
    urlencoded,
)
from parity_harness.discovery.probes.examples import sized, text
from parity_harness.discovery.probes.limits import LONG, WIDE, limits
from parity_harness.discovery.probes.ranks import LAST, LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.discovery.shapes import Place, Shape
from parity_harness.model.exchange import Probe

FILENAMES = ("été.txt", "../../alpha.txt", "a b;c.txt", "", "C:\\\\alpha.txt", "alpha")

FILE_TYPES = ("text/plain; charset=latin-1", "Text/HTML", "nonsense", "", None)

VALUES = (
    *("", " ", " alpha ", "Alpha", "abc", "0", "-1", "1.5", "true", "a&b=c+d%20"),
    *("été", "e\u0301 日本", "a%41", "<b>'\""),
)

WERKZEUG_FIELD_LIMIT = 500_000
"""Werkzeug's max_form_memory_size in bytes; Starlette's is 1 MiB a part."""

_PARTS = 1_001
_MUCH = 3_000  # characters, which a cookie may still hold


def probes(case: Case) -> Ranked:
    """Yield forms for an operation that reads fields or files."""
    fields = form_fields(case.operation)
    if not fields:
        return
    yield LIKELY, case.draft.sending(urlencoded(fields), URLENCODED).probe("form: urlencoded")
    yield LIKELY, case.draft.sending(multipart(fields), MULTIPART).probe("form: multipart")
    read = [each for each in case.operation.parameters if each.place in (Place.FORM, Place.FILE)]
    for parameter, field in zip(read, fields, strict=True):
        yield from _field(case, fields, field, parameter.shape)
    yield from _labels(case, fields)
    yield from _limits(case, fields)


def _field(case: Case, fields: list[Field], field: Field, shape: Shape) -> Ranked:
    place, name, value = field
    others = [each for each in fields if each is not field]
    yield LIKELY, _sent(case, others, f"form {name}: missing", like=fields)
    twice = [*others, field, (place, name, "beta")]
    yield USUAL, _sent(case, twice, f"form {name}: repeated", like=fields)
    blank = [*others, field, (place, name, ""), (place, name, "beta")]
    yield USUAL, _sent(case, blank, f"form {name}: repeated, one empty", like=fields)
    if place is Place.FILE:
        yield from _files(case, others, field)
        return
    for rank, what, told in _texts(shape):
        changed = [*others, (place, name, told)]
        yield rank, _sent(case, changed, f"form {name}: {what}", like=fields)
    raw = urlencoded(others) + f"&{name}={value}+{value}&{name}=%FF;x=1".encode()
    yield ODD, case.draft.sending(raw, URLENCODED).probe(f"form {name}: odd encoding")


def _texts(shape: Shape) -> Iterator[tuple[int, str, str]]:
    """Yield what the source compares a field with, what browsers may send, and long texts."""
    for constant in map(text, shape.constants):
        yield LIKELY, repr(constant), constant
        yield USUAL, repr(constant.swapcase()), constant.swapcase()
    for what, value in limits(shape):
        yield LIKELY, what, text(value)
    for value in VALUES:
        yield USUAL, repr(value), value
    yield LATER, LONG, sized(_MUCH)
    for what, value in WIDE.items():
        yield LATER, what, value


def _files(case: Case, others: list[Field], field: Field) -> Ranked:
    place, name, _ = field
    for filename in FILENAMES:
        body = multipart([*others, field], filename)
        yield USUAL, case.draft.sending(body, MULTIPART).probe(f"file {name}: named {filename!r}")
    for what, content in (("empty", ""), ("lines", "a\nb\r\nc\n"), ("60 kB", sized(60_000))):
        body = multipart([*others, (place, name, content)], f"parity-{what[:2]}.txt")
        yield USUAL, case.draft.sending(body, MULTIPART).probe(f"file {name}: {what}")
    for media in FILE_TYPES:
        purpose = f"file {name}: of type {media!r}"
        body = multipart([*others, field], _new_name(purpose), media)
        yield USUAL, case.draft.sending(body, MULTIPART).probe(purpose)
    plain = multipart([*others, (Place.FORM, name, "alpha")])
    yield LATER, case.draft.sending(plain, MULTIPART).probe(f"file {name}: sent as a field")


def _labels(case: Case, fields: list[Field]) -> Ranked:
    body = multipart(fields)
    yield USUAL, case.draft.sending(b'{"a": 1}', JSON).probe("form: JSON instead")
    yield USUAL, case.draft.sending(b"", None).probe("form: no body")
    yield LATER, case.draft.sending(body, "multipart/form-data").probe("form: no boundary")
    yield LATER, case.draft.sending(body[:-30], MULTIPART).probe("form: cut short")
    yield LATER, case.draft.sending(b"", MULTIPART).probe("form: empty multipart")
    yield ODD, case.draft.sending(urlencoded(fields), None).probe("form: no content type")


def _limits(case: Case, fields: list[Field]) -> Ranked:
    large = [*fields, (Place.FORM, "parity", sized(WERKZEUG_FIELD_LIMIT + 1))]
    yield LAST, case.draft.sending(multipart(large), MULTIPART).probe("form: field of 500 kB")
    many = [*fields, *((Place.FORM, f"p{number}", "") for number in range(_PARTS))]
    yield LAST, case.draft.sending(multipart(many), MULTIPART).probe("form: 1001 parts")


def _sent(case: Case, fields: list[Field], purpose: str, *, like: list[Field]) -> Probe:
    if any(place is Place.FILE for place, _, _ in like):
        body = multipart(fields, _new_name(purpose))
        return case.draft.sending(body, MULTIPART).probe(purpose)
    return case.draft.sending(urlencoded(fields), URLENCODED).probe(purpose)


def _new_name(purpose: str) -> str:
    """Return a file name that the app does not know yet."""
    return f"parity-{crc32(purpose.encode()):08x}.txt"
