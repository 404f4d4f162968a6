from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Parity = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]
PAIR = ("--baseline", "wsgi:legacy:app", "--candidate", "asgi:port:app")


def test_help_teaches(parity_here: Parity) -> None:
    ended = parity_here("--help")

    assert ended.returncode == 0
    assert (
        "parity check --baseline wsgi:legacy.app:app --candidate asgi:new.main:app" in ended.stdout
    )
    assert "exit code: 0 kept, 1 broken, 2 cannot run" in ended.stdout
    assert "recording:FILE" in parity_here("check", "--help").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check",), "there is no parity.toml here"),
        (("check", "--baseline", "legacy", "--candidate", "asgi:port:app"), "names no target"),
        (("check", "--config", "gone.toml"), "gone.toml: No such file"),
        (("explain", "FF999"), "no trap is called FF999"),
        (("replay", "gone.har", *PAIR), "gone.har cannot be read"),
    ],
)
def test_bad_input_gets_one_line(parity_here: Parity, words: tuple[str, ...], told: str) -> None:
    ended = parity_here(*words)

    assert ended.returncode == 2
    assert ended.stderr.startswith("parity: cannot run: ")
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_configuration_is_written_once_and_then_used(parity_here: Parity, folder: Path) -> None:
    assert parity_here("init", *PAIR).returncode == 0
    assert "is there already" in parity_here("init", *PAIR).stderr
    ended = parity_here("inventory")

    assert (folder / "parity.toml").exists()
    assert "GET, POST" in ended.stdout
    assert "/items/{item_id}   (item_id: int)" in ended.stdout


def test_the_inventory_shows_what_only_one_side_has(parity_here: Parity, write: Write) -> None:
    write("port.py", "from fastapi import FastAPI\napp = FastAPI()\napp.get('/new')(lambda: 1)")
    ended = parity_here("inventory", *PAIR)

    assert ended.returncode == 1
    assert "only in the baseline" in ended.stdout
    assert "/new   (only in the candidate)" in ended.stdout


def test_a_missing_route_is_found_and_one_that_answers_is_not(
    parity_here: Parity, write: Write
) -> None:
    write("port.py", """
        from fastapi import FastAPI, HTTPException
        app = FastAPI(openapi_url=None)
        @app.get("/{rest:path}")
        def anything(rest: str):
            if rest.startswith("items/"):
                raise HTTPException(404)
            return rest
    """)  # fmt: skip
    parity_here("check", *PAIR, "--quiet", "--json", "out.json")
    report = json.loads(Path(write("x", "").parent, "out.json").read_text())
    missing = {each["route"] for each in report["divergences"] if each["kind"] == "route-missing"}

    assert missing == {"/items/{item_id}", "/items"}
    assert any("GET /items is in one router only, yet answers" in each for each in report["notes"])


def test_traps_are_listed_explained_and_written(parity_here: Parity, folder: Path) -> None:
    listed = parity_here("traps").stdout.splitlines()
    page = parity_here("explain", "ff02").stdout
    parity_here("traps", "--write", "pages")

    assert len(listed) > 28
    assert listed[0].startswith("FF01  ")
    assert "HEAD" in page
    assert "```python" in page
    assert len(list((folder / "pages").glob("*.md"))) == len(listed) + 1


def test_a_recording_stands_for_a_baseline_that_is_gone(
    parity_here: Parity, folder: Path, write: Write
) -> None:
    recorded = parity_here("record", "--baseline", "wsgi:legacy:app", "--output", "kept.json")
    assert recorded.returncode == 0, recorded.stderr
    legacy = (folder / "legacy.py").read_text()
    (folder / "legacy.py").unlink()
    write("copy_of_legacy.py", legacy)

    kept = parity_here(
        "check", "--baseline", "recording:kept.json", "--candidate", "wsgi:copy_of_legacy:app"
    )
    assert kept.returncode == 0, kept.stdout
    broken = parity_here(
        "check", "--baseline", "recording:kept.json", "--candidate", "asgi:port:app"
    )
    assert broken.returncode == 1
    assert "201 → 200" in broken.stdout


def test_recorded_traffic_is_replayed_but_writes_only_on_request(
    parity_here: Parity, write: Write
) -> None:
    def entry(method: str, body: dict[str, str] | None = None) -> dict[str, object]:
        headers = [{"name": "Content-Type", "value": "application/json"}]
        data = {"postData": {"text": json.dumps(body)}} if body else {}
        url = "https://shop.example/items"
        return {"request": {"method": method, "url": url, "headers": headers, **data}}

    log = {"log": {"entries": [entry("GET"), entry("POST", {"name": "salt"})]}}
    write("traffic.har", json.dumps(log))

    safe = parity_here("replay", "traffic.har", *PAIR, "--json", "safe.json", "--quiet")
    assert "201 → 200" not in safe.stdout
    unsafe = parity_here("replay", "traffic.har", *PAIR, "--unsafe", "--quiet")
    assert unsafe.returncode == 1
    assert "201 → 200" in unsafe.stdout


def test_a_route_that_is_ignored_needs_a_reason_and_is_told(
    parity_here: Parity, write: Write
) -> None:
    write("port.py", "from legacy import app\napp.get('/live')(lambda: 'yes')")
    sides = 'baseline = "wsgi:legacy:app"\ncandidate = "wsgi:port:app"\ngenerated = 0\n'
    write("parity.toml", sides)
    broken = parity_here("check", "--quiet")
    assert broken.returncode == 1
    assert "/live" in broken.stdout

    write("parity.toml", sides + '[[ignore]]\nroute = "/live"\nreason = "for the orchestrator"')
    kept = parity_here("check", "--quiet")
    assert kept.returncode == 0, kept.stdout
    assert "/live: ignored: for the orchestrator" in kept.stdout
