"""A difference left after normalising, and the closed set of its kinds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """Every way in which two answers can differ. Closed: a reporter may match on it."""

    STATUS = "status"
    REASON = "reason"
    HEADER_MISSING = "header-missing"
    HEADER_EXTRA = "header-extra"
    HEADER_VALUE = "header-value"
    MEDIA_TYPE = "media-type"
    KEY_MISSING = "key-missing"
    KEY_EXTRA = "key-extra"
    TYPE = "type"
    VALUE = "value"
    ORDER = "order"
    LENGTH = "length"  # items of an array, rows of a table
    BYTES = "bytes"  # equal values, other bytes; or bodies that are not JSON
    CHUNKS = "chunks"  # a stream on one side, one piece on the other
    TRUNCATED = "truncated"  # a body that ended early on one side
    FAILURE = "failure"  # one side raised or dropped the connection
    IDENTITY = "identity"  # an id that does not match its counterpart one to one
    EFFECT = "effect"  # a child process or row on one side only, or another one
    STATE = "state"  # a later read shows that an earlier write differed
    ROUTE_MISSING = "route-missing"
    ROUTE_EXTRA = "route-extra"
    LATENCY = "latency"  # only where a gate asks for it


class Severity(IntEnum):
    """How badly a client is hurt; reports sort by it, worst first."""

    COSMETIC = 1  # bytes, key order, reason phrase
    MINOR = 2  # headers and error pages most clients ignore
    MAJOR = 3  # values, keys, types
    CRITICAL = 4  # status, failure, lost or doubled effects, state


class Strictness(IntEnum):
    """How much of an answer must agree; each level contains the ones before it."""

    STATUS = 1
    KEYS = 2
    TYPES = 3
    VALUES = 4
    BYTES = 5


@dataclass(frozen=True, slots=True)
class Divergence:
    """One difference a client can see.

    `path` says where: `status`, `header:allow`, `body:/jobs/0/status` (JSON Pointer, array
    positions as `*` where every item differs alike), `effect:process/argv`. `baseline` and
    `candidate` are short printable values. `statuses` are those of the two answers, (0, 0) where no
    request was sent. `trap` is a catalogue id. `cause` names the group a report shows it under.
    `follows` is the fingerprint of a divergence of state that explains it, where one does.
    """

    kind: Kind
    severity: Severity
    method: str
    route: str
    path: str
    baseline: str
    candidate: str
    purpose: str = ""
    trap: str | None = None
    cause: str = ""
    reproduction: str = ""
    statuses: tuple[int, int] = (0, 0)
    follows: str = ""

    @property
    def fingerprint(self) -> str:
        """A stable name of 12 hex digits: the same in every report and every run.

        Made from what is different and where, never from values that change between runs.
        """
        text = "\x1f".join((self.kind, self.method, self.route, self.path, self.purpose))
        return hashlib.sha256(text.encode()).hexdigest()[:12]
