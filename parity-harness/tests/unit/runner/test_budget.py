from __future__ import annotations

from pytest_mock import MockerFixture

from parity_harness.runner.budget import Budget


def test_a_part_ends_before_the_whole(mocker: MockerFixture) -> None:
    clock = mocker.patch("time.monotonic", return_value=100.0)
    budget = Budget(10)
    clock.return_value = 102.0
    part = budget.part(0.5).part(0.5)  # 2 of 8 seconds
    clock.return_value = 103.9
    assert not part.is_spent()
    clock.return_value = 104.1

    assert part.is_spent()
    assert not budget.is_spent()
    assert part.spent == clock.return_value - 100


def test_what_was_cut_is_known_to_the_whole(mocker: MockerFixture) -> None:
    clock = mocker.patch("time.monotonic", return_value=0.0)
    budget = Budget(10)
    part = budget.part(0.5)
    clock.return_value = 6.0
    assert not budget.was_short
    assert part.is_spent()

    assert budget.was_short


def test_without_a_limit_nothing_ends() -> None:
    budget = Budget(None)

    assert budget.part(0.1) is budget
    assert not budget.is_spent()
