"""`parity record`: keep what the baseline answers, for when it is gone."""

from __future__ import annotations

import argparse
import sys

from parity_harness.cli.running import config_of, listening
from parity_harness.cli.running import run as run_to_the_end
from parity_harness.config import Config
from parity_harness.events import Listener
from parity_harness.files import recording
from parity_harness.files.recording import Recording
from parity_harness.session import Session


def run(options: argparse.Namespace) -> int:
    """Write a recording."""
    options.candidate = options.candidate or options.baseline  # its router alone tells enough
    config = config_of(options)
    with listening(options) as listen:
        made = run_to_the_end(_recorded(config, listen))
    recording.save(options.output, made)
    sys.stdout.write(
        f"{len(made.exchanges)} exchanges of {len(made.scenarios)} scenarios in {options.output};"
        f" compare with: parity check --baseline recording:{options.output} --candidate …\n"
    )
    return 0


async def _recorded(config: Config, listen: Listener) -> Recording:
    async with Session(config, listen) as session:
        await session.prepare()
        return await session.record()
