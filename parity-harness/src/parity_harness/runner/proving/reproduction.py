"""Writes down how to see a divergence again: as `curl` lines, and as a pytest case."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from parity_harness.model.contract import Step
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Exchange, Probe

_LONG = 4_000  # characters, after which a body is cut in a listing
_REPEATED = re.compile(r"([A-Za-z0-9])\1{99,}")


def written(
    divergence: Divergence, steps: Sequence[Step], pairs: Sequence[tuple[Exchange, Exchange]]
) -> str:
    """Return the listing; `pairs` are the exchanges that these steps led to, in their order."""
    lines = ["# curl: BASELINE and CANDIDATE are the two base URLs, both in a fresh state"]
    for side, name in enumerate(("BASELINE", "CANDIDATE")):
        lines += [curl(pair[side].probe, name) for pair in pairs]
    return "\n".join((*lines, "", "# pytest", pytest_case(divergence, steps)))


def curl(probe: Probe, variable: str) -> str:
    """Return the command that sends a probe, byte for byte, to the URL in a shell variable."""
    words = ["curl -si --path-as-is"]
    words += ["-I"] if probe.method == "HEAD" else [f"-X {shlex.quote(probe.method)}"]
    words.append(f'"${variable}"{_quoted(probe.target)}')
    words += [
        f"-H {_quoted(f'{name}: {value}' if value else f'{name};')}"
        for name, value in probe.headers
    ]
    names = {name.lower() for name, _ in probe.headers}
    if probe.body and "content-type" not in names:
        words.append("-H 'Content-Type:'")  # or curl would say that it is a form
    if probe.body:
        words.append(f"--data-binary {_quoted(probe.body.decode('latin-1'))}")
    return " ".join(words)


def pytest_case(divergence: Divergence, steps: Sequence[Step]) -> str:
    """Return a test that fails while both sides differ; `parity` is the plugin's fixture."""
    words = re.sub(r"\W+", "_", f"{divergence.method} {divergence.route} {divergence.purpose}")
    name = f"test_{words.strip('_').lower()}"
    body = "\n".join(f"        {_step(step)}," for step in steps)
    return (
        "from parity_harness.model.contract import Step\n"
        "from parity_harness.model.exchange import Probe\n\n\n"
        f"def {name}(parity):\n    parity.agrees(\n{body}\n    )"
    )


def _step(step: Step) -> str:
    probe = step.probe
    words = [repr(probe.method), repr(probe.target)]
    if probe.headers:
        words.append(f"headers={probe.headers!r}")
    if probe.body:
        words.append(f"body={probe.body!r}" if len(probe.body) < _LONG else _long(probe.body))
    if probe.route:
        words.append(f"route={probe.route!r}")
    if probe.purpose:
        words.append(f"purpose={probe.purpose!r}")
    captures = f", {json.dumps(dict(step.captures))}" if step.captures else ""
    return f"Step(Probe({', '.join(words)}){captures})"


def _long(body: bytes) -> str:
    if body == body[:1] * len(body):
        return f"body={body[:1]!r} * {len(body)}"
    return f"body={body[:_LONG]!r}"


def _quoted(text: str) -> str:
    """Quote for bash; one character repeated over and over is made by the shell."""
    words, end = "", 0
    for run in _REPEATED.finditer(text):
        before, end = text[end : run.start()], run.end()
        made = f"head -c {len(run[0])} /dev/zero | tr '\\0' {run[1]}"
        words += f'{_literal(before) if before else ""}"$({made})"'
    rest = text[end:]
    return words + (_literal(rest) if rest or not words else "")


def _literal(text: str) -> str:
    """Quote for a POSIX shell; what is not printable ASCII as bash's $'…'."""
    text = text if len(text) < _LONG else f"{text[:_LONG]}…"
    if text.isascii() and text.isprintable():
        return shlex.quote(text)
    escaped = text.encode("latin-1", "replace").decode("latin-1")
    return "$'" + "".join(_escaped(character) for character in escaped) + "'"


def _escaped(character: str) -> str:
    if character in "'\\":
        return f"\\{character}"
    if character.isascii() and character.isprintable():
        return character
    return f"\\x{ord(character):02x}"
