from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Write = Callable[[str, str], Path]
Pytest = Callable[..., str]

OURS = ("parity_harness.pytest_plugin", "syrupy")  # the environment's others start slowly
CONTRACT = """
    baseline = "wsgi:legacy:app"
    candidate = "asgi:port:app"
    scenarios = ["scenarios.toml"]
    zero_configuration = false
"""
SCENARIOS = """
    [[scenario]]
    name = "an item is read"
    [[scenario.step]]
    request = "GET /items/1"
    strictness = "keys"

    [[scenario]]
    name = "an item is made"
    [[scenario.step]]
    request = "POST /items"
    json = { name = "salt" }
    capture = { id = "/id" }
    [[scenario.step]]
    request = "GET /items/{{id}}"
"""


@pytest.fixture
def run_pytest(folder: Path, write: Write) -> Pytest:
    write("pytest.ini", "[pytest]\n")
    write("parity.toml", CONTRACT)
    write("scenarios.toml", SCENARIOS)

    def run(*words: str, plugins: Sequence[str] = OURS) -> str:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *words]
        command += [word for name in plugins for word in ("-p", name)]
        bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if plugins else {}
        ended = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **bare},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return ended.stdout + ended.stderr

    return run


def test_a_contract_is_an_item_a_scenario(run_pytest: Pytest) -> None:
    printed = run_pytest("--parity", plugins=())  # found by its entry point

    assert "PASSED parity.toml::an item is read" in printed
    assert "FAILED parity.toml::an item is made" in printed
    assert "POST /items (an item is made #1) status: 201 → 200" in printed
    assert "1 failed, 1 passed" in printed


def test_nothing_happens_unless_it_is_asked_for(run_pytest: Pytest) -> None:
    assert "no tests ran" in run_pytest()


def test_the_ini_option_asks_for_it_always(run_pytest: Pytest, write: Write) -> None:
    write("pytest.ini", "[pytest]\nparity = parity.toml\n")

    assert "1 failed, 1 passed" in run_pytest()


def test_probes_and_decisions_are_items_too(run_pytest: Pytest, write: Write) -> None:
    write("parity.toml", CONTRACT.replace("= false", "= true").replace("asgi:port", "wsgi:legacy")
          + '    decisions = "decisions.toml"\n')  # fmt: skip
    write("decisions.toml", """
        [[decision]]
        select = { trap = "FF02" }
        disposition = "accept"
        reason = "nobody asks with HEAD"
        owner = "api team"
        expires = 2999-12-31
    """)  # fmt: skip
    printed = run_pytest("--parity")

    assert "PASSED parity.toml::zero configuration" in printed
    assert "FAILED parity.toml::decisions" in printed
    assert "stale, it matched nothing: nobody asks with HEAD" in printed
    assert "1 skipped" in run_pytest("--parity", "-k", "decisions")


def test_a_side_that_does_not_start_is_told_as_such(run_pytest: Pytest, write: Write) -> None:
    write("port.py", "raise RuntimeError('no database')")
    printed = run_pytest("--parity")

    assert "cannot run: asgi:port:app cannot be loaded: RuntimeError: no database" in printed


def test_a_contract_that_cannot_be_read_is_a_collection_error(
    run_pytest: Pytest, write: Write
) -> None:
    write("scenarios.toml", "[[scenario]]\nnam = 1")

    assert "nam is not a key" in run_pytest("--parity")


def test_code_uses_the_same_contract(run_pytest: Pytest, write: Write) -> None:
    write("test_code.py", """
        import pytest
        from parity_harness.model.contract import Step
        from parity_harness.model.exchange import Probe

        @pytest.mark.parity("parity.toml")
        def test_contract(parity, parity_scenario):
            parity.check(parity_scenario)

        def test_steps(parity):
            parity.agrees(Step(Probe("POST", "/items", body=b"{}")), Step(Probe("GET", "/items")))

        def test_names(parity):
            names = [each.name for each in parity.scenarios]
            assert names == ["an item is read", "an item is made"]
    """)  # fmt: skip
    printed = run_pytest("test_code.py")

    assert "PASSED test_code.py::test_contract[an item is read]" in printed
    assert "FAILED test_code.py::test_contract[an item is made]" in printed
    assert "FAILED test_code.py::test_steps" in printed
    assert "PASSED test_code.py::test_names" in printed


def test_a_recording_is_a_snapshot(run_pytest: Pytest, write: Write, folder: Path) -> None:
    write("legacy.py", (folder / "legacy.py").read_text().replace("len(items) + 1", "stamp()") + """
import uuid
def stamp():
    return str(uuid.uuid4())
""")  # fmt: skip
    write("test_kept.py", """
        from parity_harness.syrupy_extension import RecordingExtension

        def test_kept(parity, parity_scenario, snapshot):
            recording = parity.recording(parity_scenario)
            assert recording == snapshot(extension_class=RecordingExtension)
    """)  # fmt: skip
    run_pytest("test_kept.py", "--snapshot-update")
    kept = next((folder / "__snapshots__").rglob("*made*")).read_text()
    printed = run_pytest("test_kept.py")

    assert "⟨uuid4⟩" in kept
    assert '"seconds": 0.0' in kept
    assert "2 passed" in printed


def test_asking_without_a_contract_says_what_to_write(
    run_pytest: Pytest, write: Write, folder: Path
) -> None:
    write("test_lost.py", "def test_lost(parity): ...")
    (folder / "parity.toml").unlink()

    assert "asks for parity: write parity.toml beside it" in run_pytest("test_lost.py")
