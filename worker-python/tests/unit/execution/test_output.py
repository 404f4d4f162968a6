"""Captures and the pump that feeds them."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker_python.execution.output import Capture, pump

Pipe = tuple[int, int]


def capture(path: Path | None = None, *, tail: int = 10, limit: int = 100) -> Capture:
    return Capture(path, tail_bytes=tail, max_file_bytes=limit)


@pytest.fixture(name="pipes")
def _pipes() -> Iterator[list[Pipe]]:
    """Give three pipes; their writing ends are closed by the test."""
    pipes = [os.pipe() for _ in range(3)]
    yield pipes
    for reader, _ in pipes:
        os.close(reader)


def test_a_short_stream_is_its_own_tail() -> None:
    stream = capture()
    stream.write(b"0123")
    stream.write(b"456789")
    assert stream.text() == "0123456789"


@pytest.mark.parametrize("size", [1, 7, 10, 11, 64, 1000])
def test_the_tail_is_the_end_however_the_stream_is_cut(size: int) -> None:
    stream, content = capture(), bytes(range(48, 58)) * 100 + b"the end"
    for start in range(0, len(content), size):
        stream.write(content[start : start + size])
    assert stream.text() == "789the end"


def test_memory_stays_bounded_in_a_flood() -> None:
    stream = capture(tail=1000)
    for _ in range(1000):
        stream.write(b"x" * 100)
    assert len(stream._tail) <= 2000


def test_no_tail_is_kept_where_none_is_wanted() -> None:
    stream = capture(tail=0)
    stream.write(b"something")
    assert stream.text() == ""


@pytest.mark.parametrize("tail", [4, 5, 6, 7])
def test_a_tail_never_begins_inside_a_character(tail: int) -> None:
    stream = capture(tail=tail)
    stream.write("…… 🦉é".encode())
    assert stream.text() in {"é", "🦉é"[-tail // 5 :], "🦉é", " 🦉é"}
    assert "\ufffd" not in stream.text()


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    stream = capture()
    stream.write(b"\x80a\xff")
    assert stream.text() == "\ufffda\ufffd"


def test_a_tail_without_any_beginning_of_a_character_is_still_shown() -> None:
    stream = capture(tail=6)
    stream.write(b"\x80" * 20)
    assert stream.text() == "\ufffd" * 6


def test_the_file_holds_the_head_and_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "log"
    stream = capture(path, limit=8)
    for chunk in (b"01234", b"56789", b"abc"):
        stream.write(chunk)
    stream.close()
    assert path.read_text() == "01234567\n… 5 more bytes were not kept\n"
    assert stream.text() == "3456789abc"


def test_a_file_that_is_just_full_says_nothing(tmp_path: Path) -> None:
    stream = capture(tmp_path / "log", limit=5)
    stream.write(b"01234")
    stream.close()
    assert (tmp_path / "log").read_text() == "01234"


def test_a_full_disk_costs_one_warning_and_not_the_tail(caplog: pytest.LogCaptureFixture) -> None:
    stream = capture(Path("/dev/full"))
    for _ in range(3):
        stream.write(b"word ")
    stream.close()
    assert stream.text() == "word word "
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert "No space left on device" in caplog.text


def test_the_pump_stops_with_the_one_it_watches_and_takes_what_is_left(pipes: list[Pipe]) -> None:
    report, closed, kept_open = pipes
    much = b"still there" * 20_000  # more than is read at once
    heard: dict[int, bytes] = {}
    sinks = {
        reader: lambda chunk, reader=reader: heard.update({reader: heard.get(reader, b"") + chunk})
        for reader, _ in pipes
    }
    os.write(closed[1], b"early")
    os.close(closed[1])
    os.write(report[1], b"end")
    os.close(report[1])
    fcntl.fcntl(kept_open[1], fcntl.F_SETPIPE_SZ, len(much) + 1)
    os.write(kept_open[1], much)
    pump(sinks, until=report[0])
    os.write(kept_open[1], b"too late")
    os.close(kept_open[1])
    assert heard == {report[0]: b"end", closed[0]: b"early", kept_open[0]: much}


def test_the_pump_does_not_wait_for_a_silent_pipe(pipes: list[Pipe]) -> None:
    report, *silent = pipes
    os.close(report[1])
    heard: list[bytes] = []
    pump({reader: heard.append for reader, _ in pipes}, until=report[0])
    for _, writer in silent:
        os.close(writer)
    assert not heard
