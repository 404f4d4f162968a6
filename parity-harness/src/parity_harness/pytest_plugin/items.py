"""A contract's file as pytest items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from _pytest._code.code import TerminalRepr

from parity_harness.config import load
from parity_harness.errors import HarnessError, TargetError
from parity_harness.pytest_plugin.contract import BrokenContractError, Contract
from parity_harness.session import scenarios_of

Check = Callable[[Contract], object]


class ParityFile(pytest.File):
    """One parity.toml: an item a declared scenario, one for probes, one for decisions."""

    contract: Contract

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items; the apps are not started yet."""
        try:
            config = load(self.path)
            scenarios = scenarios_of(config)
        except HarnessError as error:
            raise self.CollectError(str(error)) from error
        for scenario in scenarios:
            check = partial(Contract.check, scenario=scenario)
            yield ParityItem.from_parent(self, name=scenario.name, check=check)
        if config.zero_configuration:
            yield ParityItem.from_parent(self, name="zero configuration", check=Contract.probe)
        if config.decisions:
            check_all = Contract.check_decisions
            yield ParityItem.from_parent(self, name="decisions", check=check_all)

    def setup(self) -> None:
        """Take the contract."""
        self.contract = Contract(load(self.path))

    def teardown(self) -> None:
        """End its apps."""
        self.contract.close()


class ParityItem(pytest.Item):
    """One thing that a contract says."""

    parent: ParityFile

    def __init__(self, *, check: Check, **kwargs: Any) -> None:  # noqa: ANN401  (pytest's own)
        super().__init__(**kwargs)
        self._check = check

    def runtest(self) -> None:
        """Check it."""
        if self.name == "decisions" and not self._is_whole():
            pytest.skip("some items of the contract were left out: nothing can be called stale")
        self._check(self.parent.contract)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401  (pytest's own)
    ) -> str | TerminalRepr:
        """Show the divergences, not the code that found them."""
        if isinstance(excinfo.value, BrokenContractError):
            return str(excinfo.value)
        if isinstance(excinfo.value, TargetError):
            return f"cannot run: {excinfo.value}\n{excinfo.value.output}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name it in the summary."""
        return self.path, None, f"parity: {self.name}"

    def _is_whole(self) -> bool:
        chosen = [each for each in self.session.items if each.parent is self.parent]
        return len(chosen) == len(list(self.parent.collect()))
