"""Keeps an app from ending the process that it shares with the harness."""

from __future__ import annotations

import os
from typing import NoReturn

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe

_exit = os._exit
_own = os.getpid()


class Exited(BaseException):
    """Raised inside an app that ends its process; no `except Exception` of its own catches it."""


def forbid_exits() -> None:
    """Let `os._exit` raise in this process; those that an app forks may still end so."""
    global _own  # noqa: PLW0603  (of this process there is one)
    _own = os.getpid()
    os._exit = _refuse


def allow_exits() -> None:
    """Let `os._exit` end the process again."""
    os._exit = _exit


def died(name: str, probe: Probe) -> TargetError:
    """Return the error of an app that ended its process instead of answering."""
    return TargetError(
        f"{name} cannot run: it ended its process while it answered {probe.method} {probe.target}"
    )


def _refuse(status: int) -> NoReturn:
    if os.getpid() != _own:
        _exit(status)
    raise Exited
