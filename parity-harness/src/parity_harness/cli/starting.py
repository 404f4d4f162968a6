"""`parity init`: a parity.toml to start from."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from parity_harness.config import NAME
from parity_harness.errors import ConfigurationError

_TEMPLATE = """\
# What `parity check` compares; every option of the command line overrides its line here.
baseline = "{baseline}"
candidate = "{candidate}"

# over = "network"                # real servers on loopback; default: in this process
# budget = 60                     # seconds
# seed = 1                        # repeats a run exactly
# timeout = 10                    # seconds for one answer
# scenarios = ["scenarios.toml"]  # declared sequences, beside those that are inferred
# decisions = "decisions.toml"    # agreed differences: reason, owner and expiry each
# environment_file = ".env.parity"
# environment = {{ DATABASE = "{{tmp}}/app.db" }}   # {{tmp}}: an empty folder for each fresh state
# latency_ratio = 3               # fail routes that are slower than that

# A side may be a table instead of a line, with what only it needs:
# [candidate]
# target = "{candidate}"
# reset = "new.testing:reset"     # makes its state fresh, instead of importing it again

# [settle]                        # background work: the read that tells when it is done
# request = "GET /jobs"
# pointer = "/jobs/*/status"
# any_of = ["completed", "failed"]

# [[strictness]]
# route = "/metrics"
# level = "types"                 # status < keys < types < values < bytes

# [[ignore]]
# route = "/internal/debug"
# reason = "nobody calls it"
"""


def run(options: argparse.Namespace) -> int:
    """Write parity.toml.

    Raises:
        ConfigurationError: there is one already.
    """
    path = options.config or Path(NAME)
    if path.exists():
        raise ConfigurationError(f"{path} is there already")
    text = _TEMPLATE.format(
        baseline=options.baseline or "wsgi:legacy.app:app",
        candidate=options.candidate or "asgi:new.main:app",
    )
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{path} is written; run: parity check\n")
    return 0
