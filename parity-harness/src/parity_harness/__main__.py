"""`python -m parity_harness`."""

from __future__ import annotations

import sys

from parity_harness.cli import main

if __name__ == "__main__":
    sys.exit(main())
