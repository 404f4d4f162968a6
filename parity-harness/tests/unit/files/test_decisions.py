"""Decisions in TOML, and what is said of a wrong one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from parity_harness.compare.judge import matches
from parity_harness.errors import ContractFileError
from parity_harness.files.decisions import load, suggestion
from parity_harness.model.decision import Disposition, Selector
from parity_harness.model.divergence import Divergence, Kind, Severity

GOOD = """\
# agreed in the review of May

[[decision]]
select = { trap = "FF01", route = "/jobs/*" }
disposition = "accept"
reason = "bytes are not promised"
owner = "api team"
expires = 2026-12-31

[[decision]]
select.kind = "status"
disposition = "preserve"
reason = "callers match on it"
owner = "api team"
expires = 2027-06-30
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "decisions.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_entries_come_in_order_with_their_line(file: Path) -> None:
    first, second = load(file)

    assert first.selector == Selector(trap="FF01", route="/jobs/*")
    assert (first.disposition, first.reason, first.owner, first.expires) == (
        Disposition.ACCEPT,
        "bytes are not promised",
        "api team",
        date(2026, 12, 31),
    )
    assert (first.line, second.line) == (3, 10)
    assert first.source == str(file)
    assert second.selector == Selector(kind="status")


def test_an_empty_file_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.toml"
    path.write_text("", encoding="utf-8")

    assert load(path) == ()


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ('owner = "api team"\nexpires = 2026', "expires = 2026",
         ":3: owner is missing in [[decision]]; write: owner = \"who answers for it\""),
        ('reason = "bytes are not promised"', 'reason = " "',
         ":6: reason is empty; write: reason = \"why this was decided\""),
        ('"accept"', '"ignore"',
         ":5: disposition cannot be 'ignore'; write: disposition = \"preserve\" or \"accept\""),
        ("2026-12-31", '"2026-12-31"',
         ":8: expires cannot be str '2026-12-31'; write: expires = 2030-12-31"),
        ("reason = \"bytes", "raeson = \"bytes",
         ":6: raeson is not a key of [[decision]]; did you mean reason?"),
        ('{ trap = "FF01", route = "/jobs/*" }', "{}",
         ":4: select names nothing; write: select = { trap = \"FF01\" }"),
        ('trap = "FF01", ', 'tarp = "FF01", ',
         ":4: tarp is not a key of select; did you mean trap?"),
        ('trap = "FF01", ', "trap = 1, ", ":4: trap cannot be int 1; write: trap = \"…\""),
        ('trap = "FF01"', 'kind = "statuz"', ":4: there is no kind 'statuz'; known are bytes,"),
        ("[[decision]]\nselect = {", "[[decisions]]\nselect = {",
         "decisions is not a key of a decisions file; did you mean decision?"),
        ("expires = 2026-12-31", "expires = 2026-13-31", "not TOML: "),
    ],
)  # fmt: skip
def test_a_complaint_tells_the_line_and_what_to_write(
    file: Path, was: str, now: str, message: str
) -> None:
    file.write_text(GOOD.replace(was, now, 1), encoding="utf-8")

    with pytest.raises(ContractFileError) as error:
        load(file)

    assert str(error.value).startswith(f"{file}:")
    assert message in str(error.value)


def test_one_table_instead_of_many_is_told(file: Path) -> None:
    file.write_text("[decision]\nreason = 'x'\n", encoding="utf-8")

    with pytest.raises(ContractFileError, match=r"write \[\[decision\]\] before each entry"):
        load(file)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"\xe4")

    with pytest.raises(ContractFileError, match="No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ContractFileError, match="save it as UTF-8"):
        load(latin)


def test_the_suggested_lines_are_a_decision_once_filled_in(tmp_path: Path) -> None:
    divergence = Divergence(Kind.VALUE, Severity.MAJOR, "GET", "/", "body:/a", "1", "2")
    lines = suggestion(divergence, date(2026, 8, 1))
    path = tmp_path / "decisions.toml"

    path.write_text(lines, encoding="utf-8")
    with pytest.raises(ContractFileError, match=":4: reason is empty"):
        load(path)

    path.write_text(lines.replace('""', '"agreed"'), encoding="utf-8")
    (decision,) = load(path)
    assert matches(decision.selector, divergence)
    assert decision.expires == date(2026, 8, 1)
