"""Console, Markdown and annotations."""

from __future__ import annotations

import io

from rich.console import Console

from parity_harness.events import (
    DivergenceFound,
    Note,
    PhaseStarted,
    Progress,
    RunFinished,
    RunStarted,
    ScenarioFinished,
)
from parity_harness.model.contract import Scenario
from parity_harness.model.verdict import Report
from parity_harness.reporters import annotations as commands
from parity_harness.reporters import console, markdown
from parity_harness.reporters.progress import LiveProgress


def test_the_console_tells_causes_worst_first_with_their_cure(broken: Report) -> None:
    text = console.render(broken)

    assert text.startswith("BROKEN  wsgi:legacy.app:app → asgi:new.main:create_app()\n")
    assert "2 open causes · 5 open divergences · 1 decided · 3 routes · 812 exchanges" in text
    assert text.index("CRITICAL") < text.index("FF02 · HEAD on a GET route") < text.index("MAJOR")
    assert "4 on 4 routes" in text
    assert "… 1 more" in text
    assert "    405 for 200\n" in text
    assert "    cure: parity explain FF02\n" in text
    assert "FF01" not in text  # decided


def test_the_console_tells_what_to_write_and_what_to_mend(broken: Report) -> None:
    text = console.render(broken)

    assert f'select = {{ fingerprint = "{broken.judgement.open[0].fingerprint}" }}' in text
    assert "expires = 2026-08-02" in text
    assert "decisions.toml:11: matched nothing in this run: delete it, or mend its select" in text
    assert "decisions.toml:18: expired on 2026-01-31; 4 divergences still there" in text
    assert "/jobs/{id}: PATCH" in text
    assert "interrupted" in text


def test_the_console_lets_no_body_steer_the_terminal(broken: Report) -> None:
    assert "\x1b" not in console.render(broken)
    assert "\x1b[31m\x1b" not in console.render(broken, color=True)
    assert "\\x1b[31m" in console.render(broken)


def test_a_kept_run_is_two_lines(kept: Report) -> None:
    assert len(console.render(kept).splitlines()) == 2


def test_lines_stay_within_the_width(broken: Report) -> None:
    tables = [
        line
        for line in console.render(broken, width=72).splitlines()
        if line.startswith("    HEAD")
    ]

    assert tables
    assert max(map(len, tables)) <= 72


def test_markdown_has_a_row_a_route_and_a_table_a_cause(broken: Report) -> None:
    text = markdown.render(broken)

    assert "| route | GET | HEAD | POST | statuses seen | not exercised |" in text
    assert "| `/jobs/{id}` | ✗ 1 | ✗ 1 |  | 200, 404 | PATCH |" in text
    assert "| `/jobs` | ≈ 1 | ✗ 1 | ✓ | 200, 201, 400 |  |" in text
    assert "### FF02 · HEAD on a GET route (critical)" in text
    assert "```python\napp.router.route_class = HeadRoute\n# more\n```" in text
    assert "| accept | GET `/jobs` | `body:` | bytes are not promised | api team |" in text
    assert "“long \\<b\\>gone\\</b\\>” of me matched nothing" in text


def test_markdown_tables_hold_whatever_a_body_says(broken: Report) -> None:
    (row,) = [line for line in markdown.render(broken).splitlines() if "document.title" in line]

    assert row.count("|") - row.count("\\|") == 6
    assert "`` <script>" in row


def test_markdown_says_nothing_that_changes_from_run_to_run(broken: Report) -> None:
    assert "3.2" not in markdown.render(broken)
    assert "2026-05-04" not in markdown.render(broken)


def test_a_kept_report_is_short_markdown(kept: Report) -> None:
    assert markdown.render(kept) == "# Parity of `asgi:b:app` with `wsgi:a:app`\n\n**kept**\n"


def test_annotations_are_one_line_each(broken: Report) -> None:
    lines = commands.render(broken).splitlines()

    assert lines[0] == (
        "::error title=FF02 · HEAD on a GET route::HEAD /: status: 200 → 405 (4 on 4 routes)"
    )
    assert lines[1].startswith("::error title=name%3A another text::")
    assert lines[2].startswith("::error file=decisions.toml,line=18::")
    assert len(lines) == 4


def _tell(live: LiveProgress, report: Report) -> None:
    with live:
        live(RunStarted("wsgi:a", "asgi:b", 7))
        live(PhaseStarted("learning [noise]", 12))
        live(Progress(3))
        live(DivergenceFound(report.judgement.open[0]))
        live(PhaseStarted("sequences"))
        live(Note("answered\n429"))
        live(ScenarioFinished(Scenario("one", ())))
        live(RunFinished(report))


def test_progress_is_plain_lines_where_there_is_no_terminal(broken: Report) -> None:
    out = io.StringIO()

    _tell(LiveProgress(Console(file=out)), broken)

    assert out.getvalue() == (
        "wsgi:a → asgi:b, seed 7\nlearning [noise]: 12 requests\nsequences\nnote: answered\\n429\n"
    )


def test_progress_is_one_live_line_in_a_terminal(broken: Report) -> None:
    out = io.StringIO()

    _tell(LiveProgress(Console(file=out, force_terminal=True, width=90)), broken)

    assert "learning [noise]" in out.getvalue()
    assert "\x1b[?25h" in out.getvalue()  # the cursor was given back
