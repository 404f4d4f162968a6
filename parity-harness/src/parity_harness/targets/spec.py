"""How a target is written: `wsgi:MODULE:ATTR`, `asgi:…`, `cmd:…`, `http://…`, `recording:…`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from parity_harness.errors import ConfigurationError

_APP = re.compile(
    r"(?:(?P<folder>.*)/)?(?P<module>[^/:\s]+?)(?:\.py)?:(?P<attribute>[\w.]+)(?P<call>\(\))?"
)
_FORMS = """one of
  wsgi:MODULE:ATTR          wsgi:legacy.app:app, wsgi:services/legacy/app:create_app()
  asgi:MODULE:ATTR          asgi:new.main:app
  cmd:COMMAND {port}        cmd:node server.js --port {port}
  http://HOST[:PORT]        something that already runs
  recording:FILE            made by `parity record` (baseline only)"""


class Kind(StrEnum):
    """What sort of thing answers."""

    WSGI = "wsgi"
    ASGI = "asgi"
    COMMAND = "cmd"
    URL = "url"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A target as the user wrote it, taken apart.

    For apps: `folder` goes in front of `sys.path` (None: the current folder), `attribute` may be
    dotted, `is_factory` says that it is called without arguments. For the others `where` is the
    command, the base URL or the file.
    """

    text: str
    kind: Kind
    module: str = ""
    attribute: str = ""
    is_factory: bool = False
    folder: Path | None = None
    where: str = ""

    @property
    def is_app(self) -> bool:
        """Whether it can be imported here, and so asked in process and read for its routes."""
        return self.kind in (Kind.WSGI, Kind.ASGI)

    @property
    def path(self) -> Path:
        """The file of a recording."""
        return Path(self.where)

    @property
    def import_string(self) -> str:
        """`MODULE:ATTR`, as gunicorn and uvicorn take it."""
        return f"{self.module}:{self.attribute}"


def parse(text: str) -> TargetSpec:
    """Take a target apart.

    Raises:
        ConfigurationError: it has none of the known forms; says which these are.
    """
    scheme, _, rest = text.partition(":")
    if scheme in ("http", "https") and rest.startswith("//") and rest.strip("/"):
        return TargetSpec(text, Kind.URL, where=text.rstrip("/"))
    if scheme in ("cmd", "recording") and rest.strip():
        return TargetSpec(text, Kind(scheme), where=rest.strip())
    if scheme in ("wsgi", "asgi") and (match := _APP.fullmatch(rest)):
        return TargetSpec(
            text,
            Kind(scheme),
            module=match["module"],
            attribute=match["attribute"],
            is_factory=bool(match["call"]),
            folder=Path(match["folder"] or "/") if match["folder"] is not None else None,
        )
    raise ConfigurationError(f"'{text}' names no target; write {_FORMS}")
