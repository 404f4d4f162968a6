"""The frozen Flask worker on a faster clock: a clear may take `LEGACY_CLEAR_SECONDS`, not 60.

Nothing else is touched: the wait is the only thing of it that no contract test could afford.
"""

from __future__ import annotations

import os
import subprocess
from types import SimpleNamespace
from typing import Any

from flask import Flask

from worker_python_flask.app import create_app as create_frozen_app
from worker_python_flask.routes import deduper


def create_app() -> Flask:
    """Return the frozen app with its clear in a hurry."""
    seconds = float(os.environ["LEGACY_CLEAR_SECONDS"])

    def run(*arguments: Any, timeout: float, **options: Any) -> Any:  # noqa: ANN401 - as in subprocess
        return subprocess.run(*arguments, timeout=min(timeout, seconds), check=False, **options)

    hurried = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    deduper.subprocess = hurried  # type: ignore[attr-defined,assignment]  # the frozen module's own name for it
    return create_frozen_app()
