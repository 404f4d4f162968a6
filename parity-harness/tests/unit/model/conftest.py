"""A decision, whatever it says."""

from __future__ import annotations

from datetime import date

import pytest

from parity_harness.model.decision import Decision, Disposition, Selector


@pytest.fixture
def decision() -> Decision:
    return Decision(Selector(kind="value"), Disposition.ACCEPT, "agreed", "me", date(2030, 1, 1))
