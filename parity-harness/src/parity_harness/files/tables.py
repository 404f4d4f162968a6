"""A TOML file as tables that know their line, so that every complaint says where to look."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from parity_harness.errors import ContractFileError

T = TypeVar("T")

_HEADING = re.compile(r"^\s*\[\[\s*([\w.-]+)\s*\]\]")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: its values, where it starts, and what it is called in messages."""

    values: Mapping[str, object]
    file: Path
    line: int
    title: str
    lines: tuple[str, ...] = ()

    def known_only(self, known: Iterable[str]) -> None:
        """Complain of the first key that means nothing here, with the likeliest one meant."""
        names = sorted(known)
        for key in self.values:
            if key not in names:
                near = get_close_matches(key, names, 1, cutoff=0.6)
                meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
                raise self.complaint(f"{key} is not a key of {self.title}; {meant}", at=key)

    def required(self, key: str, kind: type[T], *, example: str) -> T:
        """Return a value that must be there and not be empty; `example` is a line to write."""
        value = self.optional(key, kind, example=example)
        if value is None:
            raise self.complaint(f"{key} is missing in {self.title}; write: {key} = {example}")
        if isinstance(value, str) and not value.strip():
            raise self.complaint(f"{key} is empty; write: {key} = {example}", at=key)
        return value

    def optional(self, key: str, kind: type[T], *, example: str) -> T | None:
        """Return a value of one type, None where the key is not there."""
        value = self.values.get(key)
        if value is None:
            return None
        if type(value) is not kind:
            found = f"{type(value).__name__} {value!r}"
            raise self.complaint(f"{key} cannot be {found}; write: {key} = {example}", at=key)
        return value

    def strings(self, key: str, *, example: str) -> dict[str, str]:
        """Return a table of texts, empty where the key is not there."""
        table = self.optional(key, dict, example=example) or {}
        for name, value in table.items():
            if not isinstance(value, str):
                raise self.complaint(
                    f'{key}.{name} must be text; write: {name} = "{value}"', at=key
                )
        return table

    def below(self, key: str, title: str) -> Table | None:
        """Return an inline table of this one, None where the key is not there."""
        values = self.optional(key, dict, example="{ … }")
        if values is None:
            return None
        return Table(values, self.file, self._line_of(key), title, self.lines)

    def complaint(self, message: str, *, at: str | None = None) -> ContractFileError:
        """Return an error that names the file and the line of a key, or of the table."""
        line = self.line if at is None else self._line_of(at)
        return ContractFileError(f"{self.file}:{line}: {message}")

    def _line_of(self, key: str) -> int:
        """Find the key's line between this heading and the next."""
        begins = re.compile(
            rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]|[{{,]\s*{re.escape(key)}\s*="
        )
        for number, text in enumerate(self.lines[self.line :], self.line + 1):
            if begins.search(text):
                return number
            if _HEADING.match(text):
                break
        return self.line


@dataclass(frozen=True, slots=True)
class Document:
    """A whole TOML file."""

    file: Path
    values: Mapping[str, object]
    lines: tuple[str, ...]

    def root(self, title: str) -> Table:
        """Return the file itself as a table."""
        return Table(self.values, self.file, 0, title, self.lines)

    def tables(self, heading: str, values: object, *, after: int = 0) -> tuple[Table, ...]:
        """Return an array of tables; `after` is the line from which its headings are looked for.

        Raises:
            ContractFileError: it is no array of tables.
        """
        if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
            raise ContractFileError(f"{self.file}: write [[{heading}]] before each entry")
        starts = self._headings(heading, after)
        starts += [after] * len(values)
        return tuple(
            Table(each, self.file, line, f"[[{heading}]]", self.lines)
            for each, line in zip(values, starts, strict=False)
        )

    def _headings(self, heading: str, after: int) -> list[int]:
        found = ((number, _HEADING.match(text)) for number, text in enumerate(self.lines, 1))
        return [number for number, match in found
                if match and match[1] == heading and number > after]  # fmt: skip


def read(file: Path) -> Document:
    """Read a TOML file.

    Raises:
        ContractFileError: it cannot be read, or is not TOML; says the line.
    """
    try:
        text = file.read_text(encoding="utf-8")
        return Document(file, tomllib.loads(text), tuple(text.splitlines()))
    except OSError as error:
        raise ContractFileError(f"{file}: {error.strerror}; give the path of a file") from None
    except UnicodeDecodeError as error:
        raise ContractFileError(f"{file}: not UTF-8: {error.reason}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ContractFileError(f"{file}: not TOML: {error}") from None
