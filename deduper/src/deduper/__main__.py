"""`python -m deduper`: the same command line as `src/main.py`."""

from deduper.cli import main

raise SystemExit(main())
