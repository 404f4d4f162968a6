"""The frozen Flask worker on a faster clock: a clear may take `LEGACY_CLEAR_SECONDS`, not 60.

Nothing else is touched: the wait is the only thing of it that no contract test could afford.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from flask import Flask

FROZEN = "worker_python_flask"


def create_app() -> Flask:
    """Return the frozen app with its clear in a hurry."""
    app, deduper = _own_copy("app", "routes.deduper")
    seconds = float(os.environ["LEGACY_CLEAR_SECONDS"])

    def run(*arguments: Any, timeout: float, **options: Any) -> Any:  # noqa: ANN401 - as in subprocess
        return subprocess.run(*arguments, timeout=min(timeout, seconds), check=False, **options)

    hurried = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    deduper.subprocess = hurried  # type: ignore[attr-defined]  # the frozen module's name for it
    frozen: Flask = app.create_app()
    return frozen


def _own_copy(*names: str) -> list[ModuleType]:
    """Import modules that nobody else has: the frozen worker keeps its jobs in one of them."""
    others = _taken_out()
    try:
        return [import_module(f"{FROZEN}.{name}") for name in names]
    finally:
        _taken_out()
        sys.modules.update(others)


def _taken_out() -> dict[str, ModuleType]:
    loaded = [name for name in sys.modules if name.partition(".")[0] == FROZEN]
    return {name: sys.modules.pop(name) for name in loaded}
