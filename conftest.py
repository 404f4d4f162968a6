"""What holds for every test of the repository.

The two packages whose folder has the same name as their import are imported here, before pytest
names the test modules after those folders: `cutover/tests/…` would otherwise become `cutover`.

What a test records as a property, a figure mostly, is told at the end of the run.
"""

from __future__ import annotations

import os
import signal

import pytest

import cutover
import deduper

PACKAGES = (cutover, deduper)
PROJECT_VARIABLES = ("PATH_TO_", "NAME_APP", "NAME_DB", "JOB_", "DEDUPER_", "WORKER_", "LEGACY_")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_developer() -> None:
    for name in list(os.environ):
        if name.startswith(PROJECT_VARIABLES):
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard() -> None:
    # A shell's background job ignores it, and so would every child of ours.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what tests recorded, wherever they ran."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
