"""Serves a WSGI target with Werkzeug: `python -m parity_harness.targets.development_server`."""

from __future__ import annotations

import logging
import sys

from parity_harness.targets.in_process.loading import load_here
from parity_harness.targets.spec import parse


def serve(target: str, port: int) -> None:
    """Serve until killed; every request in a thread of its own, as `flask run` does."""
    # Werkzeug comes with Flask: who has a WSGI app without it has gunicorn.
    from werkzeug.serving import run_simple  # noqa: PLC0415  (the package needs no framework)

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    run_simple("127.0.0.1", port, load_here(parse(target)), threaded=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
