"""JSON bodies: every single mutation is found, and nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parity_harness.compare.diff import compare
from parity_harness.compare.noise import learn
from parity_harness.compare.rules import Rules
from parity_harness.model.divergence import Divergence, Kind, Severity, Strictness
from parity_harness.model.exchange import Exchange, Probe, Response
from parity_harness.model.verdict import NoiseRule

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def _exchange(document: object) -> Exchange:
    headers = (("Content-Type", "application/json"),)
    return Exchange(Probe("GET", "/"), Response(200, headers, json.dumps(document).encode()))


def _compare(one: object, two: object) -> tuple[Divergence, ...]:
    return compare(_exchange(one), _exchange(two), Rules(), Strictness.VALUES)


@given(DOCUMENTS)
def test_a_document_equals_itself_however_it_is_spelt(document: object) -> None:
    spelt = Response(
        200,
        (("content-type", "application/json"),),
        json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode(
            errors="surrogatepass"
        ),
    )
    assume(b"\xed" not in spelt.body)  # a lone surrogate has no UTF-8
    candidate = Exchange(Probe("GET", "/"), spelt)

    assert compare(_exchange(document), candidate, Rules(), Strictness.VALUES) == ()


@given(DOCUMENTS, DOCUMENTS)
def test_two_documents_differ_whichever_is_the_baseline(one: object, two: object) -> None:
    assert bool(_compare(one, two)) == bool(_compare(two, one))
    assert bool(_compare(one, two)) == (
        json.dumps(one, sort_keys=True) != json.dumps(two, sort_keys=True)
    )


@given(DOCUMENTS, st.data())
def test_any_single_mutation_is_found(document: object, data: st.DataObject) -> None:
    mutated = _mutate(document, data)
    assume(json.dumps(mutated, sort_keys=True) != json.dumps(document, sort_keys=True))

    assert _compare(document, mutated)


def _mutate(document: object, data: st.DataObject) -> object:
    if isinstance(document, list) and document and data.draw(st.booleans()):
        where = data.draw(st.integers(0, len(document) - 1))
        return [_mutate(x, data) if i == where else x for i, x in enumerate(document)]
    if isinstance(document, dict) and document and data.draw(st.booleans()):
        where = data.draw(st.sampled_from(sorted(document)))
        return {k: _mutate(v, data) if k == where else v for k, v in document.items()}
    return data.draw(DOCUMENTS)


@pytest.mark.parametrize(
    ("one", "two", "kind", "path"),
    [
        ({"a": 1}, {"a": 2}, Kind.VALUE, "body:/a"),
        ({"a": 1}, {"a": 1.0}, Kind.TYPE, "body:/a"),
        ({"a": 1}, {"a": True}, Kind.TYPE, "body:/a"),
        ({"a": 0.0}, {"a": -0.0}, Kind.VALUE, "body:/a"),
        ({"a": None}, {}, Kind.KEY_MISSING, "body:/a"),
        ({}, {"a": None}, Kind.KEY_EXTRA, "body:/a"),
        ({"a/b~c": 1}, {"a/b~c": 2}, Kind.VALUE, "body:/a~1b~0c"),
        ([1, 2, 3], [1, 3], Kind.LENGTH, "body:"),
        ([1, 2, 3], [3, 1, 2], Kind.ORDER, "body:"),
        ([{"n": 1}, {"n": 2}], [{"n": 2}, {"n": 1}], Kind.ORDER, "body:"),
        ([{"n": 1}, {"n": 2}], [{"n": "1"}, {"n": "2"}], Kind.TYPE, "body:/*/n"),
        ([{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 3}], Kind.VALUE, "body:/1/n"),
        ([{"n": 1}], [{"n": 2}], Kind.VALUE, "body:/*/n"),
    ],
)
def test_a_difference_has_its_kind_and_place(
    one: object, two: object, kind: Kind, path: str
) -> None:
    (divergence,) = _compare(one, two)

    assert (divergence.kind, divergence.path) == (kind, path)


def test_items_that_still_match_are_not_told_when_one_is_gone() -> None:
    items = [{"id": i, "tags": ["a"]} for i in range(5)]

    (gone,) = _compare(items, items[1:])
    (come,) = _compare(items[1:], items)

    assert (gone.baseline, gone.candidate) == ("5 items", "4 items")
    assert (come.baseline, come.candidate) == ("4 items", "5 items")


def test_arrays_of_other_lengths_and_items_tell_both() -> None:
    kinds = {each.kind for each in _compare([1, 2, 3], [1, 9])}

    assert kinds == {Kind.LENGTH, Kind.VALUE}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (b'{"a":NaN}', b'{"a":null}'),
        (b'{"a":1}', b'{"a":1,"a":1}'),
        (b"9007199254740993", b"9007199254740992"),
        (b"1" * 5000, b"1" * 4999 + b"2"),
    ],
)
def test_what_a_lax_parser_would_hide_is_found(
    answer: Answering, differ: Comparing, one: bytes, two: bytes
) -> None:
    assert differ(answer(body=one), answer(body=two))


def test_a_broken_json_body_is_told_as_such(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(answer({"a": 1}), answer(body=b'{"a":'))

    assert divergence.kind is Kind.BYTES
    assert divergence.candidate == 'not JSON: {"a":'


def test_json_lines_are_compared_as_values(answer: Answering, differ: Comparing) -> None:
    kind = "application/x-ndjson"
    one = answer(body=b'{"a":1}\n{"a":2}\n', media_type=kind)

    assert differ(one, answer(body=b'{"a": 1}\n{"a": 2}', media_type=kind)) == ()
    (divergence,) = differ(one, answer(body=b'{"a":1}\n{"a":"2"}\n', media_type=kind))
    assert (divergence.kind, divergence.path) == (Kind.TYPE, "body:/1/a")
    (broken,) = differ(one, answer(body=b'{"a":1}\n{"a"', media_type=kind))
    assert broken.kind is Kind.BYTES


def test_the_wording_of_an_error_is_minor_and_its_keys_are_not(
    answer: Answering, differ: Comparing
) -> None:
    one = answer({"error": "Job not found"}, status=404)
    (wording,) = differ(one, answer({"error": "Not Found"}, status=404))
    renamed = differ(one, answer({"detail": "Job not found"}, status=404))

    assert wording.severity is Severity.MINOR
    assert {each.severity for each in renamed} == {Severity.MAJOR}


@pytest.mark.parametrize(
    ("one", "two", "told", "other"),
    [
        (b'{"a":1,"b":2}\n', b'{"a":1,"b":2}', "trailing newline", "no newline"),
        (b'{"a":1,"b":2}', b'{"b":2,"a":1}', 'keys "a", "b"', 'keys "b", "a"'),
        (b'{"a":"\\u00e9"}', '{"a":"é"}'.encode(), "\\u escapes", "raw UTF-8"),
        (b'{"a":1}', b'{"a": 1}', "compact", "spaced"),
        (b'{"a":100.0}', b'{"a":1e2}', "other number or space spelling",
         "other number or space spelling"),
    ],
)  # fmt: skip
def test_spelling_counts_at_bytes_only(
    answer: Answering, differ: Comparing, one: bytes, two: bytes, told: str, other: str
) -> None:
    pair = answer(body=one), answer(body=two)

    assert differ(*pair) == ()
    (divergence,) = differ(*pair, strictness=Strictness.BYTES)
    assert (divergence.kind, divergence.severity) == (Kind.BYTES, Severity.COSMETIC)
    assert (divergence.baseline, divergence.candidate) == (told, other)


@pytest.mark.parametrize(
    ("text", "equal"),
    [
        ('{"id": "ID", "n": 1.5, "at": 0.25}', True),
        ('{"id":"ID","n":1.5,"at":0.25}', False),
        ('{"n": 1.5, "id": "ID", "at": 0.25}', False),
        ('{"id": "ID", "n": 15e-1, "at": 0.25}', False),
        ('{"id": "ID", "n": 1.5, "at": 0.75}', True),
    ],
)
def test_volatile_values_may_differ_at_bytes_and_their_spelling_may_not(
    answer: Answering, differ: Comparing, text: str, equal: object
) -> None:
    rules = Rules(
        (
            NoiseRule("GET", "/jobs/{id}", "body:/id", "uuid4", "a test"),
            NoiseRule("GET", "/jobs/{id}", "body:/at", "float", "a test"),
        )
    )
    first = '{"id": "ID", "n": 1.5, "at": 0.25}'.replace("ID", str(uuid.uuid4()))

    found = differ(
        answer(body=first.encode()),
        answer(body=text.replace("ID", str(uuid.uuid4())).encode()),
        rules,
        Strictness.BYTES,
    )

    assert (found == ()) is equal


def test_numbers_are_held_to_the_byte_where_nothing_is_volatile(
    answer: Answering, differ: Comparing
) -> None:
    one, two = answer(body=b'{"a":1.50}'), answer(body=b'{"a":1.5}')

    assert differ(one, two) == ()
    assert len(differ(one, two, strictness=Strictness.BYTES)) == 1


def test_keys_that_are_ids_have_no_order_at_bytes(answer: Answering, differ: Comparing) -> None:
    rules = Rules((NoiseRule("GET", "/jobs/{id}", "body:", "keys:uuid4", "a test"),))
    one, two = ({str(uuid.uuid4()): {"n": n} for n in (1, 2)} for _ in range(2))
    backwards = dict(reversed(two.items()))

    for other in (two, backwards):
        fresh = rules.for_fresh_state()
        assert differ(answer(one), answer(other), fresh, Strictness.BYTES) == ()


@pytest.mark.parametrize(
    ("two", "first_seen_at"),
    [
        ({"a": "x"}, Strictness.TYPES),
        ({"a": 2}, Strictness.VALUES),
        ({"b": 1}, Strictness.KEYS),
    ],
)
def test_each_strictness_contains_the_ones_before(
    answer: Answering, differ: Comparing, two: object, first_seen_at: Strictness
) -> None:
    for strictness in Strictness:
        found = differ(answer({"a": 1}), answer(two), strictness=strictness)
        assert bool(found) == (strictness >= first_seen_at)


@pytest.mark.parametrize("depth", [100, 300, 900])
def test_depth_is_no_way_to_stop_a_run(answer: Answering, differ: Comparing, depth: int) -> None:
    def nested(inside: str) -> Exchange:
        return answer(body=("[" * depth + inside + "]" * depth).encode())

    assert len(differ(nested("1"), nested("2"))) == 1
    assert len(differ(answer({"a": 1}), answer(body=b'{"a":' + nested("1").response.body + b"}")))
    assert learn([(nested("1"), nested("2"))], during=(0, 1)) is not None


def test_long_values_are_cut_for_people(answer: Answering, differ: Comparing) -> None:
    (divergence,) = differ(answer({"a": "x" * 900}), answer({"a": "y" * 900}))

    assert len(divergence.baseline) < 140
    assert "…" in divergence.baseline


ROWS = [{"id": f"n{each}", "name": f"row {each}", "size": each * 3} for each in range(12)]


def test_another_page_of_the_same_rows_is_one_difference() -> None:
    (found,) = _compare({"rows": ROWS[:5]}, {"rows": ROWS[1:6]})

    assert (found.kind, found.path) == (Kind.ORDER, "body:/rows")


def test_rows_that_are_not_the_same_differ_by_their_id_alone() -> None:
    found = _compare({"rows": ROWS[:5]}, {"rows": ROWS[6:11]})

    assert {each.kind for each in found} == {Kind.VALUE}
    assert {each.path.rpartition("/")[2] for each in found} == {"id"}


def test_a_row_that_is_the_same_is_compared_key_by_key() -> None:
    changed = [{**row, "size": 0} if row["id"] == "n3" else row for row in ROWS]
    (found,) = _compare(ROWS, changed)

    assert found.path == "body:/3/size"


def test_an_own_id_against_a_given_one_is_another_row_too() -> None:
    rule = NoiseRule("GET", "(no route)", "body:/*/id", "hex:8", "here")
    one = _exchange([{"id": "d126f148", "size": 1}])
    two = _exchange([{"id": "n1", "size": 2}])
    (found,) = compare(one, two, Rules((rule,)), Strictness.VALUES)

    assert found.path == "body:/*/id"
