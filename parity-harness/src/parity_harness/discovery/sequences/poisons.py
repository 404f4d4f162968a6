"""Values that may spoil the state for all who come later, each from a fresh state."""

from __future__ import annotations

import json
from collections.abc import Iterator

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes.drafts import draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.discovery.sequences.reading import plain_reads
from parity_harness.model.contract import Scenario, Step

TOKENS = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "beyond 64 bits": "12345678901234567890123",
    "doubled key": '1, {key}: "alpha"',
    "exponent": "1E2",
}
"""JSON texts that json.dumps does not write, by what they are called."""


def poisons(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield a write for each key of a body and token, followed by the plain reads."""
    reads = plain_reads(matched)
    for route in matched.routes:
        for operation in route.operations:
            request = learned(draft(route, operation), seen)
            valid = json.loads(request.body) if request.body.startswith(b"{") else {}
            for key in valid if operation.body is not None else ():
                for what, token in TOKENS.items():
                    body = _with_token(valid, key, token)
                    purpose = f"body {key}: {what}"
                    steps = (Step(request.sending(body).probe(purpose)), *reads)
                    name = f"{operation.method} {route.template}, {purpose}"
                    yield Scenario(name, steps, origin="inferred")


def _with_token(valid: dict[str, object], key: str, token: str) -> bytes:
    others = json.dumps({name: value for name, value in valid.items() if name != key})[1:-1]
    name = json.dumps(key)
    text = token.replace("{key}", name)
    return ("{" + (others + ", " if others else "") + f"{name}: {text}" + "}").encode()
