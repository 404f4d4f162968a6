"""Environment variables that belong to one target, while several share a process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Environment:
    """Puts a target's variables in place around whatever it does, and takes them away again.

    A variable that is None is absent. Entering costs nothing where there are no variables.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._own: dict[str, str | None] = dict(variables or {})
        self._outer: dict[str, str | None] = {}

    def __enter__(self) -> None:
        if self._own:
            self._outer = {name: os.environ.get(name) for name in self._own}
            _put(self._own)

    def __exit__(self, *_: object) -> None:
        if self._own:
            _put(self._outer)

    @contextmanager
    def adopting(self) -> Iterator[None]:
        """Enter, and take what the app itself changes (a `.env` it reads) for its own variables."""
        before = dict(os.environ)
        _put(self._own)
        try:
            yield
        finally:
            self._own |= _changes(before, dict(os.environ))
            _put(_changes(dict(os.environ), before))


def _put(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    names = before.keys() | after.keys()
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}
