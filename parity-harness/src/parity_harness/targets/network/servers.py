"""The real servers that stand behind `--over network`: gunicorn or Werkzeug, and uvicorn."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from parity_harness.targets.network.process import PORT
from parity_harness.targets.spec import Kind, TargetSpec

_GUNICORN = ("--workers", "1", "--threads", "4", "--log-level", "warning")
_UVICORN = ("--host", "127.0.0.1", "--no-access-log", "--log-level", "warning")


def command_of(spec: TargetSpec) -> tuple[str, ...]:
    """Return the command that serves an app on `{port}`; one worker: state is often in memory."""
    folder = str((spec.folder or Path.cwd()).resolve())
    if spec.kind is Kind.ASGI:
        factory = ("--factory",) if spec.is_factory else ()
        where = ("--app-dir", folder, "--port", PORT)
        return (sys.executable, "-m", "uvicorn", spec.import_string, *factory, *where, *_UVICORN)
    if importlib.util.find_spec("gunicorn"):
        app = f"{spec.import_string}{'()' if spec.is_factory else ''}"
        where = ("--pythonpath", folder, "--bind", f"127.0.0.1:{PORT}")
        return (sys.executable, "-m", "gunicorn", app, *where, *_GUNICORN)
    return (sys.executable, "-m", "parity_harness.targets.development_server", spec.text, PORT)
