"""What the command writes: read without end so that it never stalls, kept within limits."""

from __future__ import annotations

import logging
import os
import selectors
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 64 * 1024
PIPE_LIMIT_BYTES = 1024 * 1024  # the most that a pipe holds unless root has raised it

Sink = Callable[[bytes], None]
"""Takes the bytes that were read."""

logger = logging.getLogger(__name__)


class Capture:
    """One stream of a command: its head in a file, its tail in memory, the rest dropped.

    A file that cannot be written costs one warning and never the attempt.
    """

    def __init__(self, path: Path | None, *, tail_bytes: int, max_file_bytes: int) -> None:
        self._tail = bytearray()
        self._tail_bytes = tail_bytes
        self._total = 0
        self._max_file_bytes = max_file_bytes
        self._file = _opened(path) if path is not None else None

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self._append(chunk[: max(0, self._max_file_bytes - self._total)])
        self._total += len(chunk)
        self._tail += chunk
        excess = len(self._tail) - self._tail_bytes
        if excess > self._tail_bytes:  # not at every chunk: a flood is mostly this line
            del self._tail[:excess]

    def close(self) -> None:
        """Finish the file; its last line says so where it is not the whole stream."""
        if self._total > self._max_file_bytes:
            dropped = self._total - self._max_file_bytes
            self._append(f"\n… {dropped} more bytes were not kept\n".encode())
        if self._file is not None:
            self._file.close()

    def text(self) -> str:
        """Return the tail, decoded from UTF-8; what is not UTF-8 becomes U+FFFD."""
        tail = bytes(self._tail[max(0, len(self._tail) - self._tail_bytes) :])
        if self._total > len(tail):
            tail = _from_the_next_character(tail)
        return tail.decode(errors="replace")

    def _append(self, content: bytes) -> None:
        if self._file is None:
            return
        try:
            while content:
                content = content[self._file.write(content) :]
        except OSError as error:
            logger.warning("the output of an attempt is no longer kept: %s", error)
            self._file.close()
            self._file = None


def pump(sinks: Mapping[int, Sink], *, until: int) -> None:
    """Hand what arrives on each descriptor to its sink until the descriptor `until` is at its end.

    What the other pipes hold at that moment is still read; who keeps them open is not waited for.
    """
    with selectors.PollSelector() as selector:
        for descriptor, sink in sinks.items():
            selector.register(descriptor, selectors.EVENT_READ, sink)
        while until in selector.get_map():
            for key, _ in selector.select():
                _read_once(selector, key)
        for key in list(selector.get_map().values()):
            _read_rest(key)


def _opened(path: Path) -> BinaryIO | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb", buffering=0)
    except OSError as error:
        logger.warning("the output of an attempt is not kept: %s", error)
        return None


def _read_once(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    chunk = os.read(key.fd, CHUNK_BYTES)
    if chunk:
        key.data(chunk)
    else:
        selector.unregister(key.fd)


def _read_rest(key: selectors.SelectorKey) -> None:
    os.set_blocking(key.fd, False)
    try:
        key.data(os.read(key.fd, PIPE_LIMIT_BYTES))
    except BlockingIOError:
        return


def _from_the_next_character(tail: bytes) -> bytes:
    # A cut may fall into a character: at most three bytes of it are left, all 0b10xxxxxx.
    start = next((i for i, byte in enumerate(tail[:4]) if byte & 0xC0 != 0x80), 0)
    return tail[start:]
