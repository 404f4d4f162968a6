"""`make demo`: one report through both workers, and whether they wrote the same rows."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from rig import database, jobs, workers

SHOWN = 12
TITLE_WIDTH = 44


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; exit code 0 where both jobs completed and the rows are equal."""
    options = _options(arguments)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="demo-") as name:
        folder = Path(name)
        with console.status("making the sample database"):
            sample = database.make_sample(folder / "sample")
        found = {
            kind: _through(kind, sample, folder / kind, options.report, console)
            for kind in ("flask", "fastapi")
        }
    equal = found["flask"] == found["fastapi"] != []
    console.print(
        f"[bold]{len(found['flask'])} and {len(found['fastapi'])} rows: "
        f"{'[green]equal' if equal else '[red]not equal'}[/]"
    )
    return 0 if equal else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--report", type=int, default=1, help="report of the sample (default: 1)")
    return parser.parse_args(arguments)


def _through(
    kind: str, sample: Path, folder: Path, report: int, console: Console
) -> Sequence[database.Row]:
    copy = database.copy_to(sample, folder / "database")
    environment = workers.worker_environment(copy, folder)
    with workers.running(kind, folder, environment) as worker:
        url = f"{worker.url}/deduper/jobs/reportId/{report}"
        answer = httpx.get(url)
        console.print(f"[bold]{kind}[/]  GET {url} → {answer.status_code} {answer.text.strip()}")
        with console.status("pending") as status:
            job = jobs.wait_for_job(worker.url, answer.json()["jobId"], tick=status.update)
    console.print(f"  job {job['jobId']}: {job['status']}, exit code {job.get('exitCode')}")
    console.print(_table(database.duplicates(copy, report)))
    return database.rows(copy, report)


def _table(found: Sequence[tuple[int, int, float, str, str]]) -> Table:
    table = Table(title=f"{len(found)} duplicates at or over {database.READERS_THRESHOLD}")
    for column in ("score", "new article", "approved article"):
        table.add_column(column)
    for new, approved, score, new_title, approved_title in found[:SHOWN]:
        table.add_row(f"{score:.3f}", _titled(new, new_title), _titled(approved, approved_title))
    return table


def _titled(article: int, title: str | None) -> str:
    return f"{article} {(title or '—')[:TITLE_WIDTH]}"


if __name__ == "__main__":
    sys.exit(main())
