"""`cutover drill`: all of it on one machine."""

from __future__ import annotations

import argparse
import time

from cutover.drill import figures, run, setting

NOT_SIGNED_OFF = 1


def drill(options: argparse.Namespace) -> int:
    """Play the whole cutover on this machine, with faults, and write its report.

    Starts both workers, Envoy and a load on free ports; goes up the stages; brings each fault
    about while jobs run; waits for detection and rollback; goes up again; retires the baseline;
    asks for every job that was promised. Exit code 1 where that is not good enough to sign.

        cutover drill cutover/drill.toml --faults killed errors --requests 300 --to /tmp/drill
    """
    wanted = setting.load(options.file)
    if options.requests:
        load = wanted.load.model_copy(update={"requests": options.requests})
        wanted = wanted.model_copy(update={"load": load})
    began = time.monotonic()
    found = run.drill(
        wanted,
        options.file.resolve().parents[1],
        only=options.faults,
        tell=lambda text: print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True),
    )
    report = run.write_report(found, options.to)
    is_good = figures.signed_off(found)
    print(f"{'signed off' if is_good else 'NOT signed off'}: {report}")
    return 0 if is_good else NOT_SIGNED_OFF
