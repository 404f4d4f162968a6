"""The pytest plugin: `pytest --parity` runs a contract, one test item a scenario.

Nothing happens where neither `--parity`, the ini option `parity` nor the marker is used. In test
modules, the fixture `parity` gives the same contract to code:

    @pytest.mark.parity("parity.toml")
    def test_contract(parity, parity_scenario):   # once for each declared scenario
        parity.check(parity_scenario)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_harness.config import NAME, load
from parity_harness.errors import HarnessError
from parity_harness.pytest_plugin.contract import Contract
from parity_harness.pytest_plugin.items import ParityFile
from parity_harness.session import scenarios_of

_MARKER = "parity"
_SCENARIO = "parity_scenario"
_CONTRACTS = pytest.StashKey[dict[Path, Contract]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--parity` and its ini option."""
    text = f"run the contract of a {NAME}: an item a scenario, one for probes, one for decisions"
    group = parser.getgroup("parity", "parity of two web apps")
    group.addoption("--parity", nargs="?", const=NAME, metavar="FILE", help=text)
    parser.addini("parity", f"a {NAME} whose contract is always run", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and the contract's file one that is collected."""
    config.addinivalue_line("markers", f"{_MARKER}(file): take the contract from this {NAME}")
    config.stash[_CONTRACTS] = {}
    path = _asked_for(config)
    if path and str(path) not in config.args:
        config.args.append(str(path))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the apps that fixtures used."""
    for contract in config.stash.get(_CONTRACTS, {}).values():
        contract.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ParityFile | None:
    """Collect the contract's file."""
    if file_path != _asked_for(parent.config):
        return None
    return ParityFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `parity_scenario` each declared scenario."""
    if _SCENARIO not in metafunc.fixturenames:
        return
    path = _file_of(metafunc.definition)
    try:
        scenarios = scenarios_of(load(path))
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    metafunc.parametrize(_SCENARIO, scenarios, ids=[each.name for each in scenarios])


@pytest.fixture
def parity(request: pytest.FixtureRequest) -> Contract:
    """Give the contract of the marker's file, or of the nearest parity.toml above the test."""
    contracts = request.config.stash[_CONTRACTS]
    path = _file_of(request.node)
    if path not in contracts:
        contracts[path] = Contract(load(path))
        # While it is open its apps stand in for the host's modules of the same names.
        _module_of(request).addfinalizer(lambda: contracts.pop(path).close())
    return contracts[path]


def _module_of(request: pytest.FixtureRequest) -> pytest.Collector:
    module: pytest.Module | None = request.node.getparent(pytest.Module)
    return module or request.session


def _asked_for(config: pytest.Config) -> Path | None:
    option = config.getoption("parity")
    if option:
        return Path(config.invocation_params.dir, option).resolve()
    ini = config.getini("parity")
    return Path(config.rootpath, ini).resolve() if ini else None


def _file_of(node: pytest.Item | pytest.Function) -> Path:
    marker = node.get_closest_marker(_MARKER)
    if marker and marker.args:
        return Path(node.path.parent, marker.args[0]).resolve()
    asked_for = _asked_for(node.config)
    if asked_for:
        return asked_for
    for folder in node.path.parents:
        if (folder / NAME).exists():
            return folder / NAME
    raise pytest.UsageError(
        f"{node.nodeid} asks for parity: write {NAME} beside it, or mark it with"
        f' @pytest.mark.{_MARKER}("FILE")'
    )
