"""What holds for every test of the repository.

The two packages whose folder has the same name as their import are imported here, before pytest
names the test modules after those folders: `cutover/tests/…` would otherwise become `cutover`.
"""

from __future__ import annotations

import os

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
