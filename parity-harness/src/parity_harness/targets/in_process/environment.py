"""Environment variables that belong to one target, while several share a process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

Variables = dict[str, str | None]
"""Values by name; None stands for a variable that must be absent."""


class Environment:
    """The variables of one target, in place from when it acts until another target does.

    They stay in between: threads and tasks that an app started go on reading them.
    """

    _outer: ClassVar[Variables] = {}
    _worn: ClassVar[Variables] = {}

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._own: Variables = dict(variables or {})

    def put_on(self) -> None:
        """Set these variables, and take away those of the target that acted before."""
        if self._own != Environment._worn:
            self.take_off()
            Environment._outer = {name: os.environ.get(name) for name in self._own}
            Environment._worn = dict(self._own)
            _put(self._own)

    @staticmethod
    def take_off() -> None:
        """Leave the process as it was before any target acted."""
        _put(Environment._outer)
        Environment._outer, Environment._worn = {}, {}

    @contextmanager
    def adopting(self) -> Iterator[None]:
        """Take what the app changes itself (from a `.env` that it reads) for its own variables."""
        self.take_off()
        before = dict(os.environ)
        _put(self._own)
        try:
            yield
        finally:
            after = dict(os.environ)
            self._own |= _changes(before, after)
            _put(_changes(after, before))
            self.put_on()


def _put(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Variables:
    names = before.keys() | after.keys()
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}
