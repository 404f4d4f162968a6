from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parity_harness.errors import TargetError
from parity_harness.targets.in_process.loading import load_app, put_back_modules
from parity_harness.targets.spec import TargetSpec, parse

WriteModule = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    path = list(sys.path)
    yield
    put_back_modules()
    sys.path[:] = path


def spec_of(path: Path, attribute: str = "app", kind: str = "wsgi") -> TargetSpec:
    return parse(f"{kind}:{path.parent}/{path.stem}:{attribute}")


def test_each_load_runs_the_module_again(write_module: WriteModule) -> None:
    spec = spec_of(write_module("fresh", "app = object()"))

    assert load_app(spec, {}) is not load_app(spec, {})
    assert load_app(spec, {}, fresh=False) is load_app(spec, {}, fresh=False)


def test_a_module_that_both_sides_import_is_not_shared(write_module: WriteModule) -> None:
    write_module("common_store", "rows = []")
    one = write_module("one", "from common_store import rows as app")
    two = write_module("two", "from common_store import rows as app")

    assert load_app(spec_of(one), {}) is not load_app(spec_of(two), {})


def test_two_folders_may_have_modules_of_the_same_name(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.py").write_text(f"app = {name!r}")

    loaded = [load_app(parse(f"wsgi:{tmp_path}/{name}/main:app"), {}) for name in ("old", "new")]
    assert loaded == ["old", "new"]


def test_the_host_gets_its_modules_back(write_module: WriteModule) -> None:
    path = write_module("host_module", "app = object()")
    sys.path.insert(0, str(path.parent))
    import host_module  # type: ignore[import-not-found]  # written just now

    loaded = load_app(spec_of(path), {})
    assert loaded is not host_module.app
    put_back_modules()
    assert sys.modules["host_module"] is host_module


def test_a_registry_that_is_filled_on_import_can_be_filled_again(write_module: WriteModule) -> None:
    source = """
        from prometheus_client import Counter
        app = Counter("parity_test_requests", "once")
    """
    spec = spec_of(write_module("metered", source))

    assert load_app(spec, {}) is not load_app(spec, {})


def test_a_factory_is_called_in_the_given_environment(write_module: WriteModule) -> None:
    source = """
        import os
        def make():
            return os.environ["PARITY_NAME"]
    """
    spec = spec_of(write_module("factory", source), "make()")

    assert load_app(spec, {"PARITY_NAME": "x"}) == "x"
    assert "PARITY_NAME" not in os.environ


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere"),
        ("raise RuntimeError('no database')", "RuntimeError: no database"),
        ("raise SystemExit('set DATABASE_URL')", "SystemExit: set DATABASE_URL"),
        ("application = 1", "write MODULE:create_app"),
    ],
)
def test_an_app_that_cannot_be_loaded_says_why(
    write_module: WriteModule, source: str, told: str
) -> None:
    with pytest.raises(TargetError, match="cannot be loaded") as caught:
        load_app(spec_of(write_module("broken_app", source)), {})
    assert told in str(caught.value)
    assert "Traceback" in caught.value.output


def test_a_module_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=f"does not lie in {tmp_path}"):
        load_app(parse(f"asgi:{tmp_path}/missing_app:app"), {})
