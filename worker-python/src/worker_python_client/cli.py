"""The command line `dedupe`: answers on standard output, progress and mistakes on the other."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from worker_python_client import commands, texts
from worker_python_client.client import DEFAULT_URL, WorkerClient
from worker_python_client.commands import Reply, StoppedWaitingError, Wait
from worker_python_client.errors import WaitTimedOutError, WorkerClientError, WorkerFailedError
from worker_python_client.progress import progress_on

REFUSED, WAITED_TOO_LONG, INTERRUPTED = 2, 3, 130
URL_VARIABLE = "DEDUPE_URL"
EXIT_CODES = """\
exit codes: 0 done, and completed where the job has ended; 1 failed, cancelled, unhealthy, or the
worker could not do it; 2 a mistake, or no worker in reach; 3 waited too long; 130 Ctrl-C"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with WorkerClient(options.url) as client:
            reply: Reply = options.ask(client, options)
    except KeyboardInterrupt:
        return _complain(
            "stopped; what was asked may have been done: see `dedupe list`", INTERRUPTED
        )
    except StoppedWaitingError as stopped:
        return _complain(_goes_on(stopped.job_id, options), INTERRUPTED)
    except WaitTimedOutError as error:
        return _complain(f"{error}\n{_goes_on(error.job_id, options)}", WAITED_TOO_LONG)
    except WorkerFailedError as error:
        return _complain(texts.failed(error.answer), commands.FAILED)
    except (WorkerClientError, ValueError) as error:
        return _complain(str(error), REFUSED)
    print(reply.answer.to_json() if options.json else reply.text)
    return reply.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dedupe",
        description="Asks the deduper's worker for jobs.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    every, waiting, of_a_job = _shared_options()
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    run = add("run", parents=[every, waiting], help="create a job")
    run.add_argument("--report", type=int, metavar="ID", help="instead of the worker's CSV")
    run.set_defaults(ask=lambda client, its: commands.run(client, its.report, _wait(its)))
    status = add("status", parents=[every, waiting, of_a_job], help="show a job")
    status.set_defaults(ask=lambda client, its: commands.status(client, its.job_id, _wait(its)))
    cancel = add("cancel", parents=[every, of_a_job], help="cancel a job")
    cancel.set_defaults(ask=lambda client, its: commands.cancel(client, its.job_id))
    listing = add("list", parents=[every], help="list all jobs, oldest first")
    listing.set_defaults(ask=lambda client, _: commands.list_jobs(client))
    health = add("health", parents=[every], help="say how the worker is")
    health.set_defaults(ask=lambda client, _: commands.health(client))
    clear = add("clear", parents=[every], help="cancel all jobs and empty the deduper's table")
    clear.add_argument(
        "--yes", action="store_true", required=True, help="needed: it cannot be undone"
    )
    clear.set_defaults(ask=lambda client, _: commands.clear(client))
    return parser


def _shared_options() -> tuple[argparse.ArgumentParser, ...]:
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument(
        "--url",
        default=os.environ.get(URL_VARIABLE) or DEFAULT_URL,
        help=f"the worker's; {URL_VARIABLE} or {DEFAULT_URL} without",
    )
    every.add_argument("--json", action="store_true", help="print the worker's answer as JSON")
    waiting = argparse.ArgumentParser(add_help=False)
    waiting.add_argument("--wait", action="store_true", help="until the job has ended")
    waiting.add_argument(
        "--timeout", type=float, default=3600.0, metavar="SECONDS", help="with --wait; an hour"
    )
    of_a_job = argparse.ArgumentParser(add_help=False)
    of_a_job.add_argument("job_id", type=int, metavar="ID")
    return every, waiting, of_a_job


def _wait(options: argparse.Namespace) -> Wait | None:
    return Wait(options.timeout, progress_on(sys.stderr)) if options.wait else None


def _goes_on(job_id: int, options: argparse.Namespace) -> str:
    url = "" if options.url == DEFAULT_URL else f" --url {options.url}"
    return (
        f"job {job_id} goes on; wait for it again with `dedupe status {job_id} --wait{url}`, "
        f"stop it with `dedupe cancel {job_id}{url}`"
    )


def _complain(text: str, exit_code: int) -> int:
    print(f"dedupe: {text}", file=sys.stderr)
    return exit_code
