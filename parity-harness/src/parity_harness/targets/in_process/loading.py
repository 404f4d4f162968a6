"""Imports an app as if for the first time: modules that earlier loads brought in are forgotten."""

from __future__ import annotations

import importlib
import sys
import sysconfig
import traceback
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from parity_harness.errors import TargetError
from parity_harness.targets.in_process.environment import Environment
from parity_harness.targets.spec import TargetSpec

_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_OURSELVES = "parity_harness"

# Libraries whose registries are filled while an app is imported, and refuse to be filled twice.
_REGISTRIES = ("prometheus_client",)

# Both sides share sys.modules, so what one load brought in must be forgotten by every other.
_brought_in: set[str] = set()
_displaced: dict[str, ModuleType] = {}


def load_app(spec: TargetSpec, environment: Mapping[str, str], *, fresh: bool = True) -> Any:  # noqa: ANN401  (an app of any framework)
    """Return the app object that a spec names; with `fresh`, nothing is shared with earlier ones.

    Raises:
        TargetError: it cannot be imported, or its factory fails; carries the traceback.
    """
    own = Environment(environment)
    try:
        with own.adopting():
            return load_here(spec, fresh=fresh)
    finally:
        own.take_off()


def load_here(spec: TargetSpec, *, fresh: bool = True) -> Any:  # noqa: ANN401  (an app of any framework)
    """Return the app as `load_app` does, in the environment that is in place."""
    if fresh:
        _forget_apps(spec)
    before = set(sys.modules)
    try:
        return _import(spec)
    finally:
        _brought_in.update(filter(_is_no_library, sys.modules.keys() - before))


def put_back_modules() -> None:
    """Forget every app, and restore the modules of the host process that gave way to them."""
    _forget(_brought_in)
    _brought_in.clear()
    sys.modules.update(_displaced)
    _displaced.clear()


def _forget_apps(spec: TargetSpec) -> None:
    top = spec.module.partition(".")[0]
    of_host = {
        name
        for name in sys.modules
        if name not in _brought_in and name.partition(".")[0] in (top, *_REGISTRIES)
    }
    _displaced.update({name: sys.modules[name] for name in of_host if name not in _displaced})
    _forget(_brought_in | of_host)


def _forget(names: set[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def _import(spec: TargetSpec) -> Any:  # noqa: ANN401  (an app of any framework)
    try:
        _put_on_path(spec.folder or Path.cwd())
        found = attrgetter(spec.attribute)(importlib.import_module(spec.module))
        return found() if spec.is_factory else found
    except (Exception, SystemExit) as error:
        raise TargetError(_what_to_do(spec, error), output=traceback.format_exc()) from error


def _put_on_path(folder: Path) -> None:
    entry = str(folder.resolve())
    if entry in sys.path:
        sys.path.remove(entry)
    sys.path.insert(0, entry)  # it stays: handlers import, too


def _is_no_library(name: str) -> bool:
    top = name.partition(".")[0]
    if top in (_OURSELVES, "__main__"):
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    return top in _REGISTRIES or (file is not None and not file.startswith(_LIBRARIES))


def _what_to_do(spec: TargetSpec, error: BaseException) -> str:
    first = f"{spec.text} cannot be loaded: {type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and f"{spec.module}.".startswith(f"{error.name}."):
        folder = spec.folder or "the current folder"
        return f"{first}; write FOLDER/MODULE:ATTR if it does not lie in {folder}"
    if isinstance(error, AttributeError):
        return f"{first}; write MODULE:create_app() if a function makes the app"
    return first
