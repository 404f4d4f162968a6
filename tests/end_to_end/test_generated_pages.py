"""The generated pages are what their commands would write now."""

from __future__ import annotations

from rig import departures, matrix


def test_the_parity_matrix_is_current() -> None:
    assert matrix.PAGE.read_text() == matrix.page(matrix.rows()), "run: make docs"


def test_the_compatibility_decisions_are_current() -> None:
    assert departures.PAGE.read_text() == departures.page(), "run: make docs"
