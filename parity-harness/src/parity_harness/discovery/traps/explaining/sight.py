"""A divergence with both answers, and what can be asked of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Probe, Response

_WERKZEUG_PAGE = re.compile(rb"<!doctype html>\n<html lang=en>\n<title>(\d{3}) ")
_FOLLOWS = ("status", "body:", "header:content-type", "header:content-length")

Error = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """One divergence, the request, and both answers."""

    divergence: Divergence
    probe: Probe
    baseline: Response
    candidate: Response

    @property
    def statuses(self) -> tuple[int, int]:
        """Both statuses, the baseline's first."""
        return self.baseline.status, self.candidate.status

    @property
    def is_of_whole_answer(self) -> bool:
        """Whether the divergence is one that another kind of answer brings with it."""
        return self.divergence.path.startswith(_FOLLOWS)

    @property
    def path(self) -> str:
        """The request's path as sent, still encoded."""
        return self.probe.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's pairs as sent, still encoded."""
        pairs = (each.partition("=") for each in self.probe.target.partition("?")[2].split("&"))
        return [(name, value) for name, _, value in pairs if name]

    @property
    def sent(self) -> object:
        """The request's JSON, None where it is none."""
        return _json(self.probe.body)

    @property
    def answered(self) -> tuple[object, object]:
        """Both answers' JSON, None where one is none."""
        return _json(self.baseline.body), _json(self.candidate.body)

    @property
    def errors(self) -> list[Error]:
        """FastAPI's list of what is invalid, empty for any other answer."""
        detail = self.detail
        if self.candidate.status != 422 or not isinstance(detail, list):
            return []
        return [each for each in detail if isinstance(each, dict) and "loc" in each]

    @property
    def detail(self) -> object:
        """What FastAPI says of an error, None for an answer of another shape."""
        value = _json(self.candidate.body)
        return value["detail"] if isinstance(value, dict) and value.keys() == {"detail"} else None

    def header_of_request(self, name: str) -> list[str]:
        """Return all values of a request header."""
        return [value for key, value in self.probe.headers if key.lower() == name]

    def errors_at(self, place: str) -> list[Error]:
        """Return the errors of one place: path, query, header, cookie or body."""
        return [each for each in self.errors if each["loc"] and each["loc"][0] == place]


Fits = Callable[[Sight], bool]


def is_werkzeug_page(response: Response) -> bool:
    """Tell whether an answer is the error page of Werkzeug for its own status."""
    found = _WERKZEUG_PAGE.match(response.body)
    return found is not None and int(found[1]) == response.status


def is_success(status: int) -> bool:
    """Tell whether a status is 2xx."""
    return 200 <= status < 300


def essence(response: Response) -> str:
    """Return an answer's media type without parameters."""
    return (response.header("content-type") or "").partition(";")[0].strip().lower()


def shown(text: str) -> object:
    """Return a divergence's printed value as JSON, or the text itself."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def decoded(text: str) -> str:
    """Return a piece of a target without its encoding."""
    return unquote(text.replace("+", " "))


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except ValueError:
        return None
    return value
