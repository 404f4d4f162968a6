"""Recordings and HAR files keep every byte, and say what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parity_harness.errors import ContractFileError
from parity_harness.files import har, recording
from parity_harness.files.recording import Recorded, Recording
from parity_harness.model.exchange import Effect, Exchange, Probe, Response


def test_a_recording_comes_back_to_the_byte(tmp_path: Path) -> None:
    exchange = Exchange(
        Probe("POST", "/a%20b?x=1", (("X-A", "1"), ("X-A", "2")), b"\xff\x00", "/a", "odd bytes"),
        Response(201, (("Set-Cookie", "a"), ("Set-Cookie", "b")), "é\n".encode(), "", (1, 2)),
        (Effect("process", {"argv": ["x"]}),),
    )
    written = Recording("wsgi:a:b", 7, (Recorded("creates", 0, exchange),))
    recording.save(tmp_path / "r.json", written)

    assert recording.load(tmp_path / "r.json") == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not a recording"),
        ('{"format": 1}', "is not a recording"),
        ('{"format": 0, "exchanges": []}', "record anew"),
    ],
)
def test_a_spoilt_recording_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "r.json").write_text(text)

    with pytest.raises(ContractFileError, match=said):
        recording.load(tmp_path / "r.json")


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractFileError, match="cannot be read"):
        recording.load(tmp_path / "none.json")


def test_safe_requests_of_a_har_file_are_replayed_and_others_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "traffic.har"
    entries = [
        {
            "request": {
                "method": "GET",
                "url": "http://somewhere.test/a%2Fb?q=1",
                "headers": [
                    {"name": ":method", "value": "GET"},
                    {"name": "Host", "value": "somewhere.test"},
                    {"name": "Accept", "value": "text/html"},
                ],
            }
        },
        {
            "request": {
                "method": "post",
                "url": "http://somewhere.test",
                "headers": [],
                "postData": {"mimeType": "x", "text": "AP8=", "encoding": "base64"},
            }
        },
    ]
    file.write_text("\ufeff" + json.dumps({"log": {"entries": entries}}))

    (safe,) = har.load(file)
    assert (safe.target, safe.headers) == ("/a%2Fb?q=1", (("Accept", "text/html"),))
    _, unsafe = har.load(file, unsafe=True)
    assert (unsafe.method, unsafe.target, unsafe.body) == ("POST", "/", b"\x00\xff")


@pytest.mark.parametrize("text", ["[]", "{", '{"log": {"entries": [{}]}}'])
def test_a_file_that_is_no_har_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.har").write_text(text)

    with pytest.raises(ContractFileError, match="is not a HAR file"):
        har.load(tmp_path / "x.har")
