"""Machines of their own on this one: a network and a table of processes each, with a cable to cut.

What listens on 127.0.0.1 here is reached there under the same address, over a pair of virtual
devices. Linux, root, and the commands `ip` and `unshare` are needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

NETWORK = "198.18.0.0/15"
"""Where they come from: the range for benchmarks (RFC 2544), which no network uses."""

_numbers = count()


class NoMachinesError(Exception):
    """This machine cannot be divided; the message says why."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One of them, by its name."""

    name: str

    @property
    def within(self) -> tuple[str, ...]:
        """What to put before a command to run it there; who kills that kills everything there."""
        own = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
        return ("ip", "netns", "exec", self.name, *own)

    def cut(self) -> None:
        """Pull the cable: what is sent is lost, and nobody is told."""
        _ip("link", "set", self.name, "down")

    def mend(self) -> None:
        """Put it back."""
        _ip("link", "set", self.name, "up")
        _ip("route", "replace", f"{_address(self.name)}/32", "dev", self.name)


@contextmanager
def machine() -> Iterator[Machine]:
    """Make one, and take it away; raises `NoMachinesError`."""
    if os.geteuid() != 0 or not (shutil.which("ip") and shutil.which("unshare")):
        raise NoMachinesError("machines of their own need root, `ip` and `unshare`")
    name = f"m{os.getpid()}-{next(_numbers)}"  # 15 characters at most
    try:
        _ip("netns", "add", name)
        _connect(name)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        _remove(name)
        raise NoMachinesError(f"no network of its own can be made: {error}") from error
    try:
        yield Machine(name)
    finally:
        _remove(name)


def _remove(name: str) -> None:
    subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)  # noqa: S607


def _connect(name: str) -> None:
    address = _address(name)
    _ip("link", "add", name, "type", "veth", "peer", "name", "cable", "netns", name)
    _ip("-n", name, "address", "add", f"{address}/32", "dev", "cable")
    _ip("-n", name, "link", "set", "cable", "up")
    _ip("-n", name, "route", "add", "127.0.0.1/32", "dev", "cable", "src", address)
    Machine(name).mend()
    for inside, device in (((), name), (("ip", "netns", "exec", name), "cable")):
        _run(*inside, "sysctl", "-w", f"net.ipv4.conf.{device}.route_localnet=1")


def _address(name: str) -> str:
    """Return an address of `NETWORK` that no other machine has."""
    pid, _, number = name[1:].partition("-")
    return f"198.{18 + int(number) % 2}.{int(pid) >> 8 & 255}.{int(pid) & 255}"


def _ip(*arguments: str) -> None:
    _run("ip", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path("/"))
