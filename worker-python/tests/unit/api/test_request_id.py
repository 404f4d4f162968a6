"""Which ids of callers are taken."""

from __future__ import annotations

import pytest

from worker_python.api.request_id import given_id, request_id


@pytest.mark.parametrize("value", ["r-1", "0af7651916cd43dd8448eb211c80319c", "a" * 128])
def test_a_fit_id_is_taken(value: str) -> None:
    assert given_id({"headers": [(b"host", b"x"), (b"x-request-id", value.encode())]}) == value


@pytest.mark.parametrize("value", [b"", b"a b", b"a\x00", b"\xc3\xa9", b"a" * 129, b"a\n"])
def test_an_unfit_id_is_replaced(value: bytes) -> None:
    scope = {"headers": [(b"x-request-id", value)]}

    assert given_id(scope) is None
    assert request_id(scope) != request_id(scope)
