"""The page, as a reader of its source; a browser sees it in tests/integration."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

from parity_harness.model.exchange import Evidence, Exchange, Probe, Response
from parity_harness.model.verdict import Report
from parity_harness.reporters.html import render
from parity_harness.reporters.page.evidence import panes

_VOID = {"meta", "input", "br"}


class _Outline(HTMLParser):
    """Collects elements, and complains of any that is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed(broken: Report, kept: Report) -> None:
    for report in (broken, kept):
        assert _Outline(render(report)).open == []


def test_the_page_needs_nothing_from_outside(broken: Report) -> None:
    for tag, attributes in _Outline(render(broken)).elements:
        assert tag not in {"link", "img", "iframe", "object"}
        assert not {"src", "srcset", "style", "onclick"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in render(broken)
    assert "url(" not in render(broken)


def test_a_body_is_text_and_no_markup(broken: Report) -> None:
    page = render(broken)

    assert "<script>document" not in page
    assert "&lt;script&gt;document.title" in page
    assert sum(tag == "script" for tag, _ in _Outline(page).elements) == 1
    assert "long &lt;b&gt;gone" in page


def test_only_the_pages_own_script_may_run(broken: Report) -> None:
    page = render(broken)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()

    assert (
        f"script-src &#39;sha256-{digest}&#39;" in page or f"script-src 'sha256-{digest}'" in page
    )


def test_everything_a_report_knows_is_there(broken: Report) -> None:
    page = render(broken)

    for told in (
        "Broken",
        "interrupted",
        "decisions.toml:18",
        "HEAD on a GET route",
        "app.router.route_class = HeadRoute",
        "not exercised: PATCH",
        "until 2026-12-31, api team",
        "uuid4",
        "0.50",
        "two probes were answered 429",
        "2026-05-04 12:00 UTC",
        "disposition = &#34;accept&#34;",
    ):
        assert told in page


def test_a_kept_run_says_so(kept: Report) -> None:
    page = render(replace(kept, finished=None))

    assert '<h1 class="kept">Kept</h1>' in page
    assert "No difference was found." in page


def test_lines_that_differ_are_marked_on_both_sides() -> None:
    probe = Probe("GET", "/")
    one = Response(200, (("A", "1"), ("Server", "x")), b'{"a":1,"b":2}')
    two = Response(404, (("A", "1"),), b'{"a":1,"b":3}')

    both = panes(Evidence(Exchange(probe, one), Exchange(probe, two)))

    assert both.request == "GET /"
    assert [line.text for line in both.baseline] == [
        "200", "a: 1", "", "{", '  "a": 1,', '  "b": 2', "}",
    ]  # fmt: skip
    assert [line.text for line in both.baseline if line.differs] == ["200", '  "b": 2']
    assert [line.text for line in both.candidate if line.differs] == ["404", '  "b": 3']


def test_what_is_no_text_is_shown_as_bytes_and_what_is_long_is_cut() -> None:
    probe = Probe("GET", "/")
    binary = Response(200, (), b"\xff\x00" * 40, complete=False)
    long = Response(200, (), b"x" * 900 + b"\n" * 300)
    crash = Response(0, failure="ValueError: boom")

    one = panes(Evidence(Exchange(probe, binary), Exchange(probe, long)))
    two = panes(Evidence(Exchange(probe, crash), Exchange(probe, crash)))

    assert one.baseline[2].text == "80 bytes"
    assert one.baseline[-1].text == "… and the body ended early"
    assert one.candidate[2].text.endswith("x …")
    assert one.candidate[-1].text == "… 180 more lines"
    assert [line.text for line in two.baseline] == ["no answer: ValueError: boom"]
