"""What sits beside every target that runs in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parity_harness.targets.in_process.watchdog import Watchdog


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    with Watchdog(5) as dog:
        yield dog
