"""Values that may spoil the state for all who come later, each from a fresh state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.discovery.sequences.reading import plain_reads
from parity_harness.model.contract import Scenario, Step

POISONS = {"NaN": "NaN", "Infinity": "Infinity"}
"""JSON texts that spoil sums and comparisons once they are kept: a fresh state for each."""

ODDITIES = {
    "beyond 64 bits": "12345678901234567890123",
    "doubled key": '1, {key}: "alpha"',
    "exponent": "1E2",
}
"""Other JSON texts that json.dumps does not write."""

Tokens = Mapping[str, str]


def poisons(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield writes with these texts for each key of a body, followed by the plain reads."""
    reads = plain_reads(matched)
    kinds: dict[str, Tokens] = {name: {name: token} for name, token in POISONS.items()}
    kinds["odd numbers"] = ODDITIES
    for route in matched.routes:
        for operation in route.operations:
            request = learned(draft(route, operation), seen)
            if operation.body is None or not request.body.startswith(b"{"):
                continue
            for name, tokens in kinds.items():
                steps = tuple(_steps(request, tokens))
                title = f"{name} in {operation.method} {route.template}"
                yield Scenario(title, (*steps, *reads), origin="inferred")


def _steps(request: Draft, tokens: Tokens) -> Iterator[Step]:
    valid = json.loads(request.body)
    for key in valid:
        for what, token in tokens.items():
            body = _with_token(valid, key, token)
            yield Step(request.sending(body).probe(f"body {key}: {what}"))


def _with_token(valid: dict[str, object], key: str, token: str) -> bytes:
    others = json.dumps({name: value for name, value in valid.items() if name != key})[1:-1]
    name = json.dumps(key)
    text = token.replace("{key}", name)
    return ("{" + (others + ", " if others else "") + f"{name}: {text}" + "}").encode()
