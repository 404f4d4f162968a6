"""The deduper's command lines, made from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker_python.engines.outputs import OutputFolder
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import Job
from worker_python.settings import Settings

LOG_NAME = "NewsNexusPythonDeduper"
"""`NAME_APP` of the child, so that it logs under a name of its own."""

REQUEST_ID_VARIABLE = "WORKER_REQUEST_ID"
"""Tells the child which request its job came from."""

JOB_ID_VARIABLE = "WORKER_JOB_ID"
"""Tells the child, and whoever looks at the processes of the machine, which job it is."""


@dataclass(frozen=True, slots=True)
class DeduperCommands:
    """Makes commands; every method raises `ConfigurationError` where a path is not set."""

    settings: Settings

    def for_job(self, job: Job) -> Command:
        """Return the next attempt of a pending job: one report, or the article ids in the CSV."""
        report = () if job.report_id is None else ("--report-id", str(job.report_id))
        return Command(
            argv=self._argv("analyze_fast", *report),
            environment=self._environment(job.request_id, {JOB_ID_VARIABLE: str(job.id)}),
            timeout_seconds=self.settings.job_timeout_seconds,
            output=OutputFolder(self.settings.output_folder).of_next_attempt(job),
        )

    def clear_table(self, request_id: str | None = None) -> Command:
        """Return the command that empties the deduper's table without asking."""
        return Command(
            argv=self._argv("clear_table", "-y"),
            environment=self._environment(request_id),
            timeout_seconds=self.settings.clear_timeout_seconds,
        )

    def _argv(self, *arguments: str) -> tuple[str, ...]:
        venv = self.settings.path_to_python_venv
        deduper = self.settings.path_to_microservice_deduper
        if not (venv and deduper):
            raise ConfigurationError(
                [f"Missing environment variables: {', '.join(self._missing())}"]
            )
        return (f"{venv}/bin/python", f"{deduper}/src/main.py", *arguments)

    def _missing(self) -> list[str]:
        needed = {
            "PATH_TO_PYTHON_VENV": self.settings.path_to_python_venv,
            "PATH_TO_MICROSERVICE_DEDUPER": self.settings.path_to_microservice_deduper,
        }
        return [name for name, value in needed.items() if not value]

    def _environment(
        self, request_id: str | None, own: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        named = {**self.settings.environment, "NAME_APP": LOG_NAME, **(own or {})}
        return named if request_id is None else {**named, REQUEST_ID_VARIABLE: request_id}
