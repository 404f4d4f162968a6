"""Reads decisions from TOML, and writes the lines that would decide a divergence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from parity_harness.files.tables import Table, read
from parity_harness.model.decision import Decision, Disposition, Selector
from parity_harness.model.divergence import Divergence, Kind

_HEADING = "decision"
_FIELDS = ("select", "disposition", "reason", "owner", "expires")
_SELECTORS = ("fingerprint", "trap", "kind", "method", "route", "path", "purpose")
_DISPOSITIONS = " or ".join(f'"{each}"' for each in Disposition)
_EXAMPLES = {
    "reason": '"why this was decided"',
    "owner": '"who answers for it"',
    "expires": "2030-12-31",
    "select": '{ trap = "FF01" }',
}


def load(path: Path) -> tuple[Decision, ...]:
    """Return the entries of a decisions file, in order.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
    """
    document = read(path)
    document.root("a decisions file").known_only([_HEADING])
    entries = document.tables(_HEADING, document.values.get(_HEADING, []))
    return tuple(_decision(each) for each in entries)


def suggestion(divergence: Divergence, expires: date) -> str:
    """Return the TOML lines that would accept a divergence until a day, but for who and why."""
    return "\n".join(
        (
            f"[[{_HEADING}]]",
            f'select = {{ fingerprint = "{divergence.fingerprint}" }}',
            f'disposition = "{Disposition.ACCEPT}"',
            'reason = ""  # why clients can live with it',
            'owner = ""  # who answers for it',
            f"expires = {expires.isoformat()}",
        )
    )


def _decision(table: Table) -> Decision:
    table.known_only(_FIELDS)
    return Decision(
        selector=_selector(table),
        disposition=_disposition(table),
        reason=table.required("reason", str, example=_EXAMPLES["reason"]),
        owner=table.required("owner", str, example=_EXAMPLES["owner"]),
        expires=table.required("expires", date, example=_EXAMPLES["expires"]),
        source=str(table.file),
        line=table.line,
    )


def _selector(table: Table) -> Selector:
    table.required("select", dict, example=_EXAMPLES["select"])
    selector = table.below("select", "select")
    if selector is None or not selector.values:
        raise table.complaint(
            f"select names nothing; write: select = {_EXAMPLES['select']}", at="select"
        )
    selector.known_only(_SELECTORS)
    fields = {name: selector.optional(name, str, example='"…"') for name in _SELECTORS}
    kind = fields["kind"]
    if kind is not None and "*" not in kind and kind not in list(Kind):
        raise table.complaint(
            f"there is no kind {kind!r}; known are {', '.join(sorted(Kind))}", at="select"
        )
    return Selector(**fields)


def _disposition(table: Table) -> Disposition:
    text = table.required("disposition", str, example=_DISPOSITIONS)
    if text not in list(Disposition):
        raise table.complaint(
            f"disposition cannot be {text!r}; write: disposition = {_DISPOSITIONS}",
            at="disposition",
        )
    return Disposition(text)
