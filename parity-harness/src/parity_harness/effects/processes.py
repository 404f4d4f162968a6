"""Child processes started by this interpreter, heard of through Python's audit events.

The event `subprocess.Popen` (PEP 578) tells argv, working directory and environment of every
child, asyncio's included. A hook cannot be taken away again, so there is one for all observers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from parity_harness.model.exchange import Effect

KIND = "process"

_listeners: list[Callable[[Effect], None]] = []
_hooked = False


class ProcessObserver:
    """Collects the child processes started between `begin` and `end`, in their order."""

    def __init__(self) -> None:
        self._started: list[Effect] = []

    def begin(self) -> None:
        """Listen from now on."""
        _listen()
        self._started.clear()
        if self._started.append not in _listeners:
            _listeners.append(self._started.append)

    def end(self) -> tuple[Effect, ...]:
        """Stop listening and return what was heard."""
        if self._started.append in _listeners:
            _listeners.remove(self._started.append)
        return tuple(self._started)


def _listen() -> None:
    global _hooked  # noqa: PLW0603 - an audit hook stays for ever, so there must be one only
    if not _hooked:
        sys.addaudithook(_heard)
        _hooked = True


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and _listeners:
        effect = Effect(KIND, _facts(*arguments))
        for listener in tuple(_listeners):
            listener(effect)


def _facts(executable: object, argv: object, cwd: object, env: object) -> Mapping[str, object]:
    del executable
    words = [argv] if isinstance(argv, str | bytes | os.PathLike) else argv
    return {
        "argv": [os.fsdecode(word) for word in words] if isinstance(words, Sequence) else [],
        "cwd": os.fsdecode(cwd) if isinstance(cwd, str | bytes | os.PathLike) else None,
        "environment": _added(env),
    }


def _added(env: object) -> Mapping[str, str]:
    """Return the variables that the child has and this process has not, or has otherwise."""
    if not isinstance(env, Mapping):
        return {}
    texts = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    return {name: value for name, value in texts.items() if os.environ.get(name) != value}
