"""How fast the worker is: every figure beside the Flask worker or a limit, in one run, one table.

    python benchmarks/service.py [--seconds 0.25] [--rounds 12] [--listed 100000]

Logs and metrics are on, as they are in production. Everything is measured in turns, so that a busy
moment of the machine hits each alike; ratios hold within one run only. Creates wait for the disk
of the temporary folder: TMPDIR names another, TMPDIR=/dev/shm leaves the disk out. Takes about a
minute. Linux only.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import service_answers
import service_jobs
import service_many
from tables import Line, print_lines


def main() -> None:
    """Measure and print the table."""
    options = _options()
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"{cores} cores, load {load:.1f} when it began\n")
    with tempfile.TemporaryDirectory() as folder:
        print_lines(_lines(Path(folder), options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.25, help="of load per server and round")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--listed", type=int, default=100_000, help="jobs in the list")
    return parser.parse_args()


def _lines(folder: Path, options: argparse.Namespace) -> Iterator[Line]:
    yield from service_answers.lines(folder, seconds=options.seconds, rounds=options.rounds)
    yield from service_jobs.lines(folder)
    yield from service_many.lines(folder, jobs=options.listed)


if __name__ == "__main__":
    main()
