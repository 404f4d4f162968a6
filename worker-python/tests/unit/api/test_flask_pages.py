"""The pages are Werkzeug's, whatever they say."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import default_exceptions
from werkzeug.utils import redirect

from worker_python.api.flask_semantics.pages import error_page, options_page, redirect_page


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_an_error_page_is_werkzeugs(status: int) -> None:
    page = error_page(status)

    theirs = default_exceptions[status]().get_response()
    assert page.body == theirs.get_data()
    assert page.status_code == theirs.status_code
    assert page.headers["content-type"] == theirs.headers["Content-Type"]


def test_a_status_without_a_text_of_its_own_has_its_name() -> None:
    assert b"<h1>Request Timeout</h1>" in error_page(408).body


@pytest.mark.parametrize(
    "location",
    ["http://worker/deduper/health", "http://worker/a?x=<b>&y='1'&z=\"é\"", "http://worker/%D9%A3"],
)
def test_a_redirect_is_werkzeugs(location: str) -> None:
    page = redirect_page(location)

    theirs = redirect(location, 308)
    assert page.body == theirs.get_data()
    assert page.headers["location"] == dict(theirs.get_wsgi_headers({}))["Location"]


def test_allow_is_in_one_order() -> None:
    assert options_page({"POST", "GET", "HEAD"}).headers["allow"] == "GET, HEAD, POST"
