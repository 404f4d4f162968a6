"""How long a run may take, and how much of it is left."""

from __future__ import annotations

import time


class Budget:
    """Seconds for a whole run, or for a part of it; None: as long as it takes."""

    def __init__(self, seconds: float | None, whole: Budget | None = None) -> None:
        self._seconds = seconds
        self._whole = whole
        self._began = time.monotonic() - (whole.spent if whole else 0.0)
        self.was_short = False

    @property
    def spent(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def part(self, share: float) -> Budget:
        """Return a share of what is left, so that the rest has its time, too."""
        if self._seconds is None:
            return self
        left = max(0.0, self._seconds - self.spent)
        return Budget(self.spent + share * left, self)

    def is_spent(self) -> bool:
        """Tell whether it is used up; the report then says that something was cut."""
        if self._seconds is None or self.spent < self._seconds:
            return False
        self.was_short = True
        if self._whole:
            self._whole.was_short = True
        return True
