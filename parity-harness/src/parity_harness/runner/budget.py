"""How long a run may take, and how much of it is left."""

from __future__ import annotations

import time


class Budget:
    """Seconds for the whole run; None: as long as it takes."""

    def __init__(self, seconds: float | None) -> None:
        self._began = time.monotonic()
        self._seconds = seconds
        self.was_short = False

    @property
    def spent(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def is_spent(self, share: float = 1.0) -> bool:
        """Tell whether a share of the budget is used up; the report then says it was cut."""
        if self._seconds is None or self.spent < self._seconds * share:
            return False
        self.was_short = True
        return True
