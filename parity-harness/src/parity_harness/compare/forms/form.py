"""A form as a noise rule states it, ready to be held against values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from parity_harness.compare.forms.instants import NEAR_SECONDS, epoch_form, moment
from parity_harness.compare.forms.scalars import is_identity, source

_HOLE = re.compile("⟨([^⟩]+)⟩")


@dataclass(frozen=True, slots=True)
class Form:
    """One format: of a JSON type, or a pattern for text. `near` asks for the same moment too."""

    name: str
    near: bool = False
    pattern: re.Pattern[str] | None = None
    identities: tuple[int, ...] = ()  # which groups of the pattern name something

    def fits(self, value: object) -> bool:
        """Return whether a value has this form."""
        if self.pattern is not None:
            return type(value) is str and self.pattern.fullmatch(value) is not None
        return _has_type(value, self.name)

    def same_moment(self, baseline: object, candidate: object) -> bool:
        """Return whether two times lie together; True for forms that are no times."""
        if not self.near:
            return True
        one, two = moment(baseline), moment(candidate)
        return one is None or two is None or abs(one - two) <= NEAR_SECONDS

    def ids(self, value: object) -> tuple[str, ...]:
        """Return the parts of a value that name something."""
        if not self.identities or self.pattern is None or not isinstance(value, str):
            return ()
        found = self.pattern.fullmatch(value)
        return tuple(found[group] for group in self.identities) if found else ()


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Form, ...]:
    """Return the forms of a rule: any of them may hold.

    Raises:
        ValueError: no such form.
    """
    if text.startswith("template:"):
        return (_template(text),)
    return tuple(_single(part.strip()) for part in text.split(" | "))


def _single(text: str) -> Form:
    name = text.removeprefix("near:")
    near = name != text
    if name in _TYPES or name.startswith("epoch-"):
        return Form(name, near)
    try:
        pattern = re.compile(f"({source(name)})")
    except KeyError:
        raise ValueError(f"no form is called {name!r}") from None
    return Form(name, near, pattern, (1,) if is_identity(name) else ())


def _template(text: str) -> Form:
    literal_and_form = _HOLE.split(text.removeprefix("template:"))
    parts = [f"({source(part)})" if index % 2 else re.escape(part)
             for index, part in enumerate(literal_and_form)]  # fmt: skip
    named = tuple(
        number for number, form in enumerate(literal_and_form[1::2], 1) if is_identity(form)
    )
    return Form(text, pattern=re.compile("".join(parts)), identities=named)


_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "float": (float,),
    "number": (int, float),
}


def _has_type(value: object, name: str) -> bool:
    if name in _TYPES:
        return type(value) in _TYPES[name]
    return type(value) in {int, float} and epoch_form(value) == name  # type: ignore[arg-type]  # numbers only, by the check before
