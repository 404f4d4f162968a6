"""The command line: `worker-python serve` and `work`, and `import-jobs` at the end of a cutover."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import uvicorn

from worker_python.api.startup import startup_message
from worker_python.app import create_app, read_settings, work
from worker_python.jobs.errors import ConfigurationError, WorkerError
from worker_python.logs import uvicorn_log_config
from worker_python.settings import Settings
from worker_python.storage.adoption import Adoption


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    0 done, 1 refused, 2 wrong settings or arguments, 3 cannot start.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings()
    except ConfigurationError as error:
        print(startup_message(error), file=sys.stderr)
        return 2
    return int(options.run(settings, options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="worker-python",
        description="Queues runs of the deduper and answers for them.",
        epilog="Settings come from the environment and ./.env; see .env.example.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="answer HTTP on HOST and PORT")
    serve.add_argument("--host", help="instead of HOST")
    serve.add_argument("--port", type=int, help="instead of PORT; 0 takes a free one")
    serve.set_defaults(run=_serve)
    working = commands.add_parser(
        "work",
        help="run the jobs of DATABASE_URL; any number of these, on any machines",
        description="Run the jobs that `worker-python serve` takes, where DATABASE_URL names a "
        "PostgreSQL. SIGTERM lets running jobs end within DRAIN_SECONDS.",
    )
    working.set_defaults(run=_work)
    moving = commands.add_parser(
        "migrate-jobs",
        help="copy the jobs of a SQLite file into a PostgreSQL, or back, with their ids",
        description="Copy every job of a store that no service uses, in either direction; new jobs "
        "there go on above their ids. What is there already is left out, so it may be run again.",
    )
    for end in ("from", "to"):
        moving.add_argument(
            f"--{end}", dest=end, required=True, metavar="sqlite:PATH|postgresql://…"
        )
    moving.set_defaults(run=_migrate_jobs)
    takeover = commands.add_parser(
        "import-jobs",
        help="take over the ended jobs of the old worker, with their ids",
        description="Write the ended jobs of the old worker into JOB_STORE, under their own ids, "
        "so that they are answered when it has gone. A service may be using the file.",
    )
    takeover.add_argument("--from", dest="url", required=True, metavar="URL", help="old worker")
    takeover.set_defaults(run=_import_jobs)
    return parser


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    host: str = options.host or settings.host
    port: int | None = options.port
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
    with suppress(KeyboardInterrupt):  # Ctrl-C: uvicorn raises it once more when it has shut down
        server.run()
    return 0 if server.started else 3


def _work(settings: Settings, options: argparse.Namespace) -> int:
    del options
    try:
        asyncio.run(_work_until_told(settings))
    except WorkerError as error:
        print(f"worker-python work: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError) else 3
    return 0


async def _work_until_told(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(settings, stop)


def _migrate_jobs(settings: Settings, options: argparse.Namespace) -> int:
    del settings
    from worker_python.engines.distributed import moving  # noqa: PLC0415  # an extra, and slow

    source, target = vars(options)["from"], options.to
    try:
        moved = asyncio.run(moving.move(source, target))
    except WorkerError as error:
        print(f"worker-python migrate-jobs: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError) else 1
    print(f"{moved.jobs} jobs of {moved.source} are in {moved.target}, {moved.fresh} new")
    return 0


def _import_jobs(settings: Settings, options: argparse.Namespace) -> int:
    from worker_python.deduper.legacy.adoption import adopt  # noqa: PLC0415  # httpx: 80 ms

    adoption = Adoption(settings.job_store)
    try:
        adopted = asyncio.run(adopt(options.url, adoption, first_id=settings.job_id_start))
    except WorkerError as error:
        print(f"worker-python import-jobs: {error}", file=sys.stderr)
        return 1
    print(f"{adopted.jobs} jobs of {options.url} are in {settings.job_store}, {adopted.fresh} new")
    return 0
