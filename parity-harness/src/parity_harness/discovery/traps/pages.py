"""A page for each trap, in Markdown."""

from __future__ import annotations

from pathlib import Path

from parity_harness.discovery.traps.catalogue import CATALOGUE, Trap
from parity_harness.model.exchange import Probe

_SHOWN = 72
"""Characters of a request target or body before it is cut."""


def page(trap: Trap) -> str:
    """Return a trap's page: what differs, why, how a client sees it, the example and the cure."""
    requests = "\n".join(_request(probe) for probe in trap.requests)
    needs = f"\nNeeds the module `{'`, `'.join(trap.requires)}`.\n" if trap.requires else ""
    return f"""# {trap.id} · {trap.title}

| | |
|---|---|
| **Flask** | {_cell(trap.flask)} |
| **FastAPI** | {_cell(trap.fastapi)} |
| **Why** | {_cell(trap.why)} |
| **A client sees** | {_cell(trap.client_view)} |

## The cure
{needs}
```python
{trap.cure.strip()}
```

## To see it

```
{requests}
```

Flask:

```python
{trap.baseline.strip()}
```

FastAPI, ported straightforwardly:

```python
{trap.candidate.strip()}
```
"""


def write_pages(folder: Path) -> tuple[Path, ...]:
    """Write an index and a page for each trap; return the paths, the index first.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"README.md": _index()} | {f"{t.id}.md": page(t) for t in CATALOGUE.values()}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in pages)


def _index() -> str:
    rows = "\n".join(
        f"| [{trap.id}]({trap.id}.md) | {_cell(trap.title)} | {_cell(trap.client_view)} |"
        for trap in CATALOGUE.values()
    )
    return f"""# Traps: where FastAPI differs from Flask without being asked

{len(CATALOGUE)} known differences between a Flask app and a straightforward FastAPI port of it.
Each page shows both apps, the requests that tell them apart, and a cure; tests run all of it.
Made by `parity traps --write DIR`; the source is `discovery/traps/cases/*.toml`.

| id | trap | a client sees |
|---|---|---|
{rows}
"""


def _request(probe: Probe) -> str:
    target = probe.target if len(probe.target) <= _SHOWN else f"{probe.target[:_SHOWN]}…"
    headers = "".join(f"\n{name}: {value}" for name, value in probe.headers)
    body = probe.body.decode("utf-8", "backslashreplace")
    body = body if len(body) <= 2 * _SHOWN else f"{body[: 2 * _SHOWN]}…"
    return f"{probe.method} {target}{headers}" + (f"\n\n{body}\n" if body else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
