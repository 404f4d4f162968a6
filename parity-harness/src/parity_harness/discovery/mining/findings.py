"""Collects what a view does with each of its inputs, and turns it into shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

from parity_harness.discovery.shapes import Parameter, Place, Shape

ITEM = "*"
"""The key that stands for any item of a list."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value in the source came from: a place in the request and the way down to it."""

    place: Place
    keys: tuple[str, ...] = ()

    def down(self, key: str) -> Origin:
        """Return the origin of one of its parts."""
        return Origin(self.place, (*self.keys, key))


@dataclass(frozen=True, slots=True)
class Mined:
    """What was read from the source of one view."""

    parameters: tuple[Parameter, ...] = ()
    body: Shape | None = None
    statuses: tuple[int, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """What is known of one input so far.

    `required`: read in a way that fails without it. `tested`: `in` guards it, so it may be absent.
    """

    kind: str = "any"
    format: str = ""
    required: bool = False
    tested: bool = False
    default: object = None
    constants: dict[tuple[type, object], object] = field(default_factory=dict)
    numbers: dict[float, None] = field(default_factory=dict)
    lengths: dict[int, None] = field(default_factory=dict)

    @property
    def is_required(self) -> bool:
        """Whether a request without it fails."""
        return self.required and not self.tested


class Findings:
    """Facts by origin, with the statuses and answer keys of the view."""

    def __init__(self) -> None:
        self.facts: dict[Origin, Facts] = {}
        self.statuses: dict[int, None] = {}
        self.answers: dict[str, None] = {}

    def about(self, origin: Origin) -> Facts:
        """Return the facts of an input, new ones where it was not seen before."""
        return self.facts.setdefault(origin, Facts())

    def kind(self, origin: Origin, kind: str) -> None:
        """Note a value's JSON type; the first seen is the input's own.

        Except `boolean`: `isinstance(x, bool)` mostly stands there to keep booleans out.
        """
        facts = self.about(origin)
        facts.kind = kind if facts.kind in ("any", "boolean") else facts.kind

    def constant(self, origin: Origin, value: object) -> None:
        """Note a value that the source compares an input with; numbers are limits."""
        facts = self.about(origin)
        if value is None and origin.place is not Place.BODY:
            return  # `is None` asks whether it was given
        if isinstance(value, bool) or value is None:
            facts.constants[type(value), value] = value
        elif isinstance(value, int | float):
            facts.numbers[value] = None
            self.kind(origin, "integer" if isinstance(value, int) else "number")
        elif isinstance(value, str):
            facts.constants[str, value] = value

    def choice(self, origin: Origin, value: object) -> None:
        """Note a value that an input is looked up among: one of several, not a limit."""
        if isinstance(value, str | int) and not isinstance(value, bool):
            self.about(origin).constants[type(value), value] = value

    def mined(self) -> Mined:
        """Return it all as values."""
        return Mined(
            parameters=tuple(
                Parameter(
                    each.keys[0], each.place, self._shape(each), facts.is_required, facts.default
                )
                for each, facts in self.facts.items()
                if each.place is not Place.BODY and len(each.keys) == 1
            ),
            body=self._shape(Origin(Place.BODY)) if self._reads_body() else None,
            statuses=tuple(sorted(self.statuses)),
            answers=tuple(self.answers),
        )

    def _reads_body(self) -> bool:
        return any(origin.place is Place.BODY for origin in self.facts)

    def _shape(self, origin: Origin) -> Shape:
        facts = self.facts.get(origin, Facts())
        parts = self._parts(origin) if origin.place is Place.BODY else {}
        items = parts.pop(ITEM, None)
        return Shape(
            kind=_kind(facts, has_items=items is not None, has_fields=bool(parts)),
            fields=tuple(parts.items()),
            required=tuple(key for key in parts if self._is_required(origin.down(key))),
            items=items,
            constants=tuple(facts.constants.values()),
            numbers=tuple(facts.numbers),
            lengths=tuple(facts.lengths),
            format=facts.format,
        )

    def _parts(self, origin: Origin) -> dict[str, Shape]:
        depth = len(origin.keys)
        below = [
            each
            for each in self.facts
            if each.place is origin.place and each.keys[:depth] == origin.keys
        ]
        keys = dict.fromkeys(each.keys[depth] for each in below if len(each.keys) > depth)
        return {key: self._shape(origin.down(key)) for key in keys}

    def _is_required(self, origin: Origin) -> bool:
        return origin in self.facts and self.facts[origin].is_required


def _kind(facts: Facts, *, has_items: bool, has_fields: bool) -> str:
    if has_fields:
        return "object"
    if has_items and facts.kind in ("any", "array"):
        return "array"
    if facts.kind == "any" and any(isinstance(each, str) for each in facts.constants.values()):
        return "string"
    return facts.kind
