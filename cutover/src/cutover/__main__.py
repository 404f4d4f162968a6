"""`python -m cutover`."""

from __future__ import annotations

import sys

from cutover.cli import main

if __name__ == "__main__":
    sys.exit(main())
