"""What the documents point at exists: links, headings, targets, commands, paths."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ELSEWHERE = {".venv", "node_modules", "var", ".git", ".hypothesis", ".pytest_cache"}
PAGES = sorted(
    page.relative_to(ROOT)
    for page in ROOT.rglob("*.md")
    if not ELSEWHERE & set(page.relative_to(ROOT).parts)
)
NOT_OURS = {"api/"}

LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in _links(page) if not _leads_somewhere(page, link)]

    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_target_that_is_named_exists(page: Path) -> None:
    named = {word for line in _code(page) for word in re.findall(r"\bmake ([a-z][a-z0-9-]*)", line)}

    assert named <= _targets()


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("program", ["cutover", "worker-python"])
def test_every_verb_of_a_command_exists(page: Path, program: str) -> None:
    used = rf"(?:^|&& |exec \S+ |/bin/){program}((?: --(?:plan|state) \S+)*) ([a-z-]+)(?= |$|\||;)"
    named = {found[1] for line in _code(page) for found in re.findall(used, line.strip())}

    assert named <= _verbs(program)


def test_every_path_of_the_plan_exists() -> None:
    said = INLINE.findall((ROOT / "docs" / "transition.md").read_text())
    paths = {word for word in said if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/[\w.-]*", word)} - NOT_OURS

    assert paths
    missing = [
        p for p in paths if not (ROOT / p).exists() and not (ROOT / "worker-python" / p).exists()
    ]
    assert not missing


def test_every_page_of_the_runbook_is_listed() -> None:
    folder = ROOT / "docs" / "runbook"
    listed = set(_links(Path("docs/runbook/index.md")))

    assert {page.name for page in folder.glob("*.md")} - {"index.md"} <= listed


def _links(page: Path) -> Iterator[str]:
    text = FENCE.sub("", (ROOT / page).read_text())
    for link in LINK.findall(text):
        if not re.match(r"[a-z]+:", link):
            yield link


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    if not target.exists():
        return False
    return not heading or target.suffix != ".md" or heading in _headings(target)


def _headings(page: Path) -> set[str]:
    """Return the names under which a forge makes headings reachable."""
    titles = re.findall(r"^#+ +(.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def _code(page: Path) -> Iterator[str]:
    """Yield everything that is set as code: lines of blocks, and words between backticks."""
    text = (ROOT / page).read_text()
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    yield from INLINE.findall(FENCE.sub("", text))


@cache
def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def _verbs(program: str) -> set[str]:
    command = [str(Path(sys.executable).with_name(program)), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^    ([a-z-]+)(?: |$)", told, re.MULTILINE))
