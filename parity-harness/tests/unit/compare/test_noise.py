"""What the baseline shows to be volatile, and what a rule still asks for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from parity_harness.compare.noise import learn
from parity_harness.compare.rules import Rules
from parity_harness.errors import NormaliserError
from parity_harness.model.divergence import Divergence, Kind
from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import NoiseRule

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]

NOW = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)


def _later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("one", "two", "form"),
    [
        (
            "d9d74a02-3969-40a9-ae08-72bf67da8d96",
            "cf7e5223-4102-4214-a215-14f77051f50d",
            "uuid4",
        ),
        (
            "3356c4fe-e5a7-11f1-bc35-02fc00000001",
            "3356c5b2-e5a7-11f1-bc35-02fc00000001",
            "uuid1",
        ),
        ("09f7718792a24edba0dc15be2ce765bb", "92607f7344884ee48d70b2c4394c3b04", "hex:32"),
        ("0A1B2C3D4E", "1A1B2C3D4F", "HEX:10"),
        ("0a1b2c3d4e", "1a1b2c3d", "hex"),
        ("0a1b2c3d", "01234567", "hex:8"),
        ("0a1b2c3d", "012345678", "opaque"),
        ("/notes/0a1b2c3d", "/notes/01234567", "template:/notes/⟨hex:8⟩"),
        ("job-17", "job-18", "opaque:6"),
        ("hex 0a1b2c", "hex XYZ", "text"),
        ("2026-05-04", "12", "date | numeric"),
        ("createdAt", "deletedAt", "word"),
        (
            NOW.isoformat(),
            _later(1).isoformat(),
            "near:iso8601:YYYY-MM-DDThh:mm:ss.ffffff+00:00",
        ),
        ("2026-05-04T12:00:00Z", "2026-05-04T12:00:01Z", "near:iso8601:YYYY-MM-DDThh:mm:ssZ"),
        ("2026-05-04 12:00", "2026-05-05 12:00", "iso8601:YYYY-MM-DD hh:mm"),
        ("2026-05-04T12:00:00", "2026-05-04T12:00:00.5",
         "near:iso8601:YYYY-MM-DDThh:mm:ss | near:iso8601:YYYY-MM-DDThh:mm:ss.f"),
        (
            "Mon, 04 May 2026 12:00:00 GMT",
            "Mon, 04 May 2026 12:00:01 GMT",
            "near:http-date",
        ),
        ("2026-05-04", "2026-05-05", "date"),
        (1_777_000_000, 1_777_000_001, "near:epoch-seconds"),
        (1_777_000_000.25, 1_777_000_001.5, "near:epoch-seconds-float"),
        (1_777_000_000_000, 1_777_000_000_900, "near:epoch-milliseconds"),
        (3, 4, "integer"),
        (0.25, 0.5, "float"),
        (1, 0.5, "number"),
        (True, False, "boolean"),
        (None, "2026-05-04T12:00:00Z", "iso8601:YYYY-MM-DDThh:mm:ssZ | null"),
        ("12", "13", "numeric"),
        ("1.5", "2.5", "decimal"),
        ("xK9_aaQ1-bbT2cc", "yK9_aaQ1-bbT2cd", "opaque:15"),
        ("xK9_aaQ1-bbT2cc", "xK9_aaQ1-bbT2ccc", "opaque"),
        ("blue", "green", "word"),
        ("blue sky!", "green, leaf", "text"),
        ("/jobs/11/of/3", "/jobs/12/of/3", "template:/jobs/⟨numeric⟩/of/3"),
        (
            "Job 6f1c4f0a-0c0e-4a3e-9a63-0a4b7f6b2d11 is gone",
            "Job 7f1c4f0a-0c0e-4a3e-9a63-0a4b7f6b2d11 is gone",
            "template:Job ⟨uuid4⟩ is gone",
        ),
    ],
)  # fmt: skip
def test_two_runs_teach_a_type_and_a_format(
    answer: Answering, differ: Comparing, one: object, two: object, form: str
) -> None:
    pair = answer({"x": one}), answer({"x": two})

    (rule,) = learn([pair])

    assert (rule.path, rule.form, rule.learned_from) == ("body:/x", form, "happy path")
    assert differ(*pair, Rules((rule,))) == ()


def test_the_form_must_hold_on_the_candidate(answer: Answering, differ: Comparing) -> None:
    baseline = answer({"at": NOW.isoformat()})
    rules = Rules(learn([(baseline, answer({"at": _later(1).isoformat()}))]))

    for other in (
        "Mon, 04 May 2026 12:00:02 GMT",  # another format
        "2026-05-04T12:00:02+00:00",  # another precision
        "2026-05-04T12:00:02.123456Z",  # another way to write the zone
        1_777_896_002,
        None,
    ):
        (divergence,) = differ(baseline, answer({"at": other}), rules)
        assert divergence.path == "body:/at"
    (missing,) = differ(baseline, answer({}), rules)
    assert missing.kind is Kind.KEY_MISSING


def test_a_lifetime_of_another_length_shows(answer: Answering, differ: Comparing) -> None:
    baseline = answer({"expires": _later(3600).isoformat()})
    rules = Rules(learn([(baseline, answer({"expires": _later(3601).isoformat()}))]))
    day = answer({"expires": _later(86_400).isoformat()})

    assert differ(baseline, answer({"expires": _later(3605).isoformat()}), rules) == ()
    assert len(differ(baseline, day, rules)) == 1
    assert differ(baseline, day, Rules(rules.noise, same_moment=False)) == ()


def test_presence_and_length_are_never_noise(answer: Answering) -> None:
    assert learn([(answer({"a": 1}), answer({})), (answer([1]), answer([1, 2]))]) == ()
    assert learn([(answer({}), answer({}, status=500))]) == ()


def test_an_array_without_order_is_known_once_its_ids_are(
    answer: Answering, differ: Comparing
) -> None:
    def items(*names: str) -> Exchange:
        return answer([{"id": str(uuid.uuid4()), "name": name} for name in names])

    rules = Rules(learn([(items("a", "b", "c"), items("c", "a", "b"))]))

    assert [(rule.path, rule.form) for rule in rules.noise] == [
        ("body:", "unordered"),
        ("body:/*/id", "uuid4"),
    ]
    assert differ(items("a", "b", "c"), items("b", "c", "a"), rules) == ()
    assert differ(items("a", "b", "c"), items("b", "c", "x"), rules.for_fresh_state())


def test_an_object_keyed_by_ids_is_known_by_its_keys(answer: Answering, differ: Comparing) -> None:
    def jobs(*names: str) -> Exchange:
        return answer({str(uuid.uuid4()): {"name": name} for name in names})

    rules = Rules(learn([(jobs("a", "b"), jobs("a", "b"))]))

    assert [(rule.path, rule.form) for rule in rules.noise] == [("body:", "keys:uuid4")]
    assert differ(jobs("a", "b"), jobs("b", "a"), rules) == ()
    (divergence,) = differ(jobs("a", "b"), jobs("a", "x"), rules.for_fresh_state())
    assert (divergence.kind, divergence.path) == (Kind.VALUE, "body:/*/name")
    assert differ(jobs("a", "b"), jobs("a"), rules.for_fresh_state())


def test_lines_of_a_page_have_rules_of_their_own(answer: Answering, differ: Comparing) -> None:
    def page(token: str, title: str = "Jobs") -> Exchange:
        return answer(text=f"<h1>{title}</h1>\n<input value='{token}'>\n")

    rules = Rules(learn([(page(uuid.uuid4().hex), page(uuid.uuid4().hex))]))

    assert [(rule.path, rule.form) for rule in rules.noise] == [
        ("body:/line 2", "template:<input value='⟨hex:32⟩'>")
    ]
    assert differ(page(uuid.uuid4().hex), page(uuid.uuid4().hex), rules) == ()
    assert differ(page(uuid.uuid4().hex), page(uuid.uuid4().hex, "Tasks"), rules)
    assert differ(page(uuid.uuid4().hex), page("short"), rules)


def test_headers_and_cookies_have_noise_too(answer: Answering, differ: Comparing) -> None:
    def told(secret: str) -> Exchange:
        cookie = f"session={secret}; HttpOnly; Path=/"
        return answer({}, headers=(("Set-Cookie", cookie), ("X-Request-Id", secret)))

    rules = Rules(learn([(told(uuid.uuid4().hex), told(uuid.uuid4().hex))]))

    assert {rule.path for rule in rules.noise} == {
        "header:set-cookie/session/value",
        "header:x-request-id",
    }
    assert differ(told(uuid.uuid4().hex), told(uuid.uuid4().hex), rules) == ()
    assert differ(told(uuid.uuid4().hex), answer({}), rules)


def test_a_time_from_the_clock_is_volatile_though_both_runs_said_the_same(
    answer: Answering,
) -> None:
    one = answer(
        {"at": "2026-05-04T12:00:00Z", "born": "1990-01-01T00:00:00Z", "list": [{"n": 1}]},
        headers=(("Last-Modified", "Mon, 04 May 2026 12:00:01 GMT"),),
    )
    span = (NOW.timestamp(), NOW.timestamp() + 2)

    rules = learn([(one, one), (answer(body=b"{"), answer(body=b"{"))], during=span)

    assert [(rule.path, rule.form, rule.learned_from) for rule in rules] == [
        ("body:/at", "near:iso8601:YYYY-MM-DDThh:mm:ssZ", "the clock"),
        ("header:last-modified", "near:http-date", "the clock"),
    ]
    assert learn([(one, one)]) == ()


def test_an_expiry_that_both_runs_told_in_the_same_second_is_volatile(
    answer: Answering, differ: Comparing
) -> None:
    def told(now: datetime) -> Exchange:
        ends = (now + timedelta(days=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers = (("Expires", ends), ("Set-Cookie", f"a=b; Expires={ends}"))
        return answer({"exp": int(now.timestamp()) + 3600}, headers=headers)

    span = (NOW.timestamp(), NOW.timestamp() + 0.1)
    rules = Rules(learn([(told(NOW), told(NOW))], during=span))

    assert differ(told(NOW), told(_later(1)), rules) == ()
    assert differ(told(NOW), told(_later(86_400)), rules)
    recorded = Rules(rules.noise, same_moment=False)
    assert differ(told(NOW), told(_later(86_400)), recorded) == ()


def test_a_rule_speaks_of_its_route_and_method_only(answer: Answering, differ: Comparing) -> None:
    rules = Rules(learn([(answer({"n": 1}), answer({"n": 2}))]))

    assert differ(answer({"n": 1}), answer({"n": 7}), rules) == ()
    assert differ(answer({"n": 1}, route="/other"), answer({"n": 7}, route="/other"), rules)


def test_a_rule_of_an_unknown_form_is_refused() -> None:
    rule = NoiseRule("GET", "/", "body:/x", "anything", "a hand")

    with pytest.raises(NormaliserError, match=r"GET / body:/x: no form is called 'anything'"):
        Rules((rule,))
