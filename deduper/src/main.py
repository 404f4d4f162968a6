from deduper.cli import main

raise SystemExit(main())
