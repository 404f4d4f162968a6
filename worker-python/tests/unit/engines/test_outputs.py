"""What jobs wrote goes when they go, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from worker_python.engines.outputs import OutputFolder
from worker_python.engines.testing import Bench, until

OpenBench = Callable[..., Awaitable[Bench]]

STRANGERS = ("notes.txt", "job-1-attempt-1", "job-x-attempt-1.stdout.log", "job-1.stdout.log")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "jobs-output"
    folder.mkdir()
    return folder


def write(folder: Path, *job_ids: int) -> None:
    for job_id in job_ids:
        for stream in ("stdout", "stderr"):
            (folder / f"job-{job_id}-attempt-1.{stream}.log").write_text("rows")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def end_jobs(bench: Bench, number: int) -> None:
    for _ in range(number):
        job = await bench.submit()
        (attempt,) = await bench.running()
        attempt.finish()
        await bench.ended(job)


async def test_the_output_of_a_pruned_job_goes_with_it(open_bench: OpenBench, folder: Path) -> None:
    bench = await open_bench(keep=2, outputs=OutputFolder(folder))
    for name in STRANGERS:
        (folder / name).touch()
    await end_jobs(bench, 2)
    write(folder, 1, 2)

    await end_jobs(bench, 1)

    await until(lambda: OutputFolder(folder).jobs() == {2})
    assert names(folder) > set(STRANGERS)


async def test_the_output_of_jobs_that_are_not_there_goes_at_the_start(
    open_bench: OpenBench, folder: Path
) -> None:
    write(folder, 1, 77, 10**30)
    bench = await open_bench(keep=100, outputs=OutputFolder(folder))

    await until(lambda: OutputFolder(folder).jobs() == frozenset())

    await end_jobs(bench, 1)


async def test_without_a_limit_nothing_is_ever_deleted(open_bench: OpenBench, folder: Path) -> None:
    write(folder, 77)
    bench = await open_bench(outputs=OutputFolder(folder))

    await end_jobs(bench, 1)

    assert OutputFolder(folder).jobs() == {77}


async def test_a_file_that_cannot_be_deleted_is_reported_and_tried_again(
    open_bench: OpenBench, folder: Path
) -> None:
    reports: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reports.append(context.get("exception"))
    )
    stubborn = folder / "job-77-attempt-1.stdout.log"
    stubborn.mkdir()

    await open_bench(keep=100, outputs=OutputFolder(folder))
    await until(lambda: len(reports) >= 2)
    stubborn.rmdir()
    write(folder, 77)

    await until(lambda: OutputFolder(folder).jobs() == frozenset())
    assert all(isinstance(report, OSError) for report in reports)


async def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert OutputFolder(tmp_path / "nothing").jobs() == frozenset()
