"""The command line: `worker-python serve`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvicorn

from worker_python.api.startup import startup_message
from worker_python.app import create_app, read_settings
from worker_python.jobs.errors import ConfigurationError
from worker_python.logs import uvicorn_log_config
from worker_python.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 2 wrong settings, 3 cannot start."""
    parser = argparse.ArgumentParser(
        prog="worker-python",
        description="Queues runs of the deduper and answers for them.",
        epilog="Settings come from the environment and ./.env; see .env.example.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="answer HTTP on HOST and PORT")
    serve.add_argument("--host", help="instead of HOST")
    serve.add_argument("--port", type=int, help="instead of PORT; 0 takes a free one")
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
    except ConfigurationError as error:
        print(startup_message(error), file=sys.stderr)
        return 2
    return _serve(settings, options.host or settings.host, options.port)


def _serve(settings: Settings, host: str, port: int | None) -> int:
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=settings.port if port is None else port,
        lifespan="on",
        access_log=False,  # the metrics count requests; jobs are what is logged
        log_config=dict(uvicorn_log_config(settings.log_format, settings.log_level)),
        timeout_graceful_shutdown=int(settings.drain_seconds) + 1,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 3
