"""A plan says what it means, or what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutover.errors import PlanError
from cutover.plan import load


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("share = 50", "share = 0", "shares must grow"),
        ("share = 100", "share = 99", "the last share 100"),
        ('gates = ["errors"]', 'gates = ["erors"]', "no .gates.NAME. for: erors"),
        ("http_5xx_share", "http_500_share", "gates.errors.metric"),
        ("limit = 0.05", "limt = 0.05", "gates.errors.limt"),
        ("[candidate]\n", "[candidate]\njob_id_start = 5000\n", "power of ten"),
        ("[baseline]", "[baseline", "is not TOML"),
    ],
)
def test_a_wrong_plan_is_named(
    plan_file: Path, plan_text: str, old: str, new: str, message: str
) -> None:
    plan_file.write_text(plan_text.replace(old, new))

    with pytest.raises(PlanError, match=message):
        load(plan_file)


def test_a_missing_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        load(tmp_path / "none.toml")
