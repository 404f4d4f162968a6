"""What a view answers: statuses and keys that its source names."""

from __future__ import annotations

import ast

from parity_harness.discovery.mining.constants import Names, value_of
from parity_harness.discovery.mining.findings import Findings


def note_status(call: ast.Call, names: Names, findings: Findings) -> None:
    """Note the status a call answers with: `abort(404)`, `make_response(…, 404)`, `status=404`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else None
    name = call.func.id if isinstance(call.func, ast.Name) else name
    given = [each.value for each in call.keywords if each.arg in ("status", "status_code")]
    given += call.args[:1] if name == "abort" else []
    given += call.args[1:2] if name in ("make_response", "Response") else []
    for value in (value_of(each, names) for each in given):
        if isinstance(value, int) and not isinstance(value, bool):
            findings.statuses[value] = None


def note_answer(returned: ast.expr, names: Names, findings: Findings) -> None:
    """Note the status and the keys of what a view returns."""
    match returned:
        case ast.Tuple(elts=[answer, ast.Constant(value=int(status)), *_]):
            findings.statuses[status] = None
            note_answer(answer, names, findings)
        case ast.Call(func=ast.Name(id="jsonify"), args=args, keywords=keywords):
            findings.answers |= dict.fromkeys(each.arg for each in keywords if each.arg)
            for argument in args:
                note_answer(argument, names, findings)
        case ast.Dict(keys=keys):
            values = [value_of(key, names) for key in keys if key is not None]
            findings.answers |= dict.fromkeys(each for each in values if isinstance(each, str))
