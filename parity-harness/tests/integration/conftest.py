"""Users' folders: a small Flask app, its straightforward port, and the command `parity`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parity_harness.cli import main

LEGACY = """
from flask import Flask, abort, jsonify, request
app = Flask(__name__, static_folder=None)
items = {1: {"id": 1, "name": "tea"}}

@app.get("/items")
def list_items():
    return jsonify(list(items.values()))

@app.post("/items")
def create():
    new = {"id": len(items) + 1, "name": request.get_json()["name"]}
    items[new["id"]] = new
    return jsonify(new), 201

@app.get("/items/<int:item_id>")
def get(item_id):
    if item_id not in items:
        abort(404)
    return jsonify(items[item_id])
"""

PORT = """
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
app = FastAPI()
items = {1: {"id": 1, "name": "tea"}}

class Item(BaseModel):
    name: str

@app.get("/items")
async def list_items():
    return list(items.values())

@app.post("/items")
async def create(item: Item):
    new = {"id": len(items) + 1, "name": item.name}
    items[new["id"]] = new
    return new

@app.get("/items/{item_id}")
async def get(item_id: int):
    if item_id not in items:
        raise HTTPException(404)
    return items[item_id]
"""

Parity = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with both apps and nothing else."""
    (tmp_path / "legacy.py").write_text(LEGACY)
    (tmp_path / "port.py").write_text(PORT)
    return tmp_path


@pytest.fixture
def parity(folder: Path) -> Parity:
    """Run `parity` in the folder, as a user would."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-c",
            "import sys; from parity_harness.cli import main; sys.exit(main())",
        ]
        return subprocess.run(
            [*command, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=100
        )

    return run


@pytest.fixture
def parity_here(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Parity:
    """Run `parity` in this process: starting one costs more than most commands do."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "path", [*sys.path])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the apps, as in a process of their own
            try:
                code: Any = main(words)
            except SystemExit as ended:
                code = ended.code
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, printed.out, printed.err)

    return run


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], Path]:
    """Write a file into the folder."""

    def write(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(textwrap.dedent(text))
        return path

    return write
