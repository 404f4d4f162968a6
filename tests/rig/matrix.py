"""The parity matrix: endpoint by endpoint, what both workers answered, from the snapshots."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "worker-python/tests/contracts/__snapshots__/test_contract"
PAGE = ROOT / "docs" / "parity-matrix.md"
TEMPLATES = (
    (r"^/+deduper/jobs/reportId/[^/]*$", "/deduper/jobs/reportId/{report_id}"),
    (r"^/+deduper/jobs/\d+$", "/deduper/jobs/{job_id}"),
    (r"^/+deduper/jobs/\d+/cancel$", "/deduper/jobs/{job_id}/cancel"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome of one endpoint on both sides."""

    endpoint: str
    scenario: str
    step: str
    flask: Mapping[str, Any]
    fastapi: Mapping[str, Any]

    def cells(self) -> Sequence[str]:
        """Return the row as Markdown cells."""
        flask, fastapi = _answer(self.flask), _answer(self.fastapi)
        same = "equal" if self.flask == self.fastapi else "**differs**"
        shown = [flask, same if flask == fastapi else fastapi]
        return (f"`{self.endpoint}`", f"{self.scenario}: {self.step}", *shown)


def rows() -> Sequence[Row]:
    """Return every recorded outcome, by endpoint."""
    found = [row for file in sorted(SNAPSHOTS.glob("*.json")) for row in _rows(file)]
    return sorted(found, key=lambda row: (row.endpoint.split()[1], row.endpoint))


def page(found: Sequence[Row]) -> str:
    """Return the Markdown page."""
    lines = [
        "# Parity matrix",
        "",
        "What both workers answered to the same requests: status, content type, keys and their",
        "types. Made by `make docs` from the snapshots of `make test-contract`, which fails when",
        "either app changes. “equal” means: the same status, content type, keys and types; values",
        "are compared by the harness in the same run. Where the two differ, the reason stands in",
        "[compatibility-decisions.md](compatibility-decisions.md).",
        "",
        "| endpoint | situation | Flask worker | FastAPI worker |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row.cells())} |" for row in found),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(rows()))
    return 0


def _rows(file: Path) -> Iterator[Row]:
    scenario = re.sub(r"^.*\[(.*)\]$", r"\1", file.stem)
    sides = json.loads(file.read_text())
    for step, flask in sides["baseline"].items():
        yield Row(_endpoint(flask["request"]), scenario, step, flask, sides["candidate"][step])


def _endpoint(request: str) -> str:
    method, target = request.split(" ", 1)
    path = target.partition("?")[0]
    for pattern, template in TEMPLATES:
        path = re.sub(pattern, template, path)
    return f"{method} {path}"


def _answer(shape: Mapping[str, Any]) -> str:
    content = (shape["content type"] or "no content").partition(";")[0]
    allow = f", Allow {' '.join(shape['allow'])}" if shape["allow"] else ""
    return f"{shape['status']} {content}{allow}{_body(shape['body'])}"


def _body(body: object) -> str:
    if isinstance(body, str):
        return ""
    text = re.sub(r'"', "", json.dumps(body, separators=(", ", ": ")))
    return f" `{text}`"


if __name__ == "__main__":
    sys.exit(main())
