from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.protocol import Target

Start = Callable[..., Awaitable[Target]]

HELLO = Probe("GET", "/")


async def test_pieces_repeated_headers_and_reason_come_as_the_app_gave_them(start: Start) -> None:
    target = await start(
        "wsgi",
        """
        def app(environ, start_response):
            write = start_response("200 Fine", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
            write(b"written ")
            return [b"one", b"", b"two"]
        """,
    )
    answer = await target.send(HELLO)

    assert (answer.status, answer.reason, answer.body) == (200, "Fine", b"written onetwo")
    assert answer.header_values("set-cookie") == ("a=1", "b=2")
    assert answer.chunks == (8, 3, 3)
    assert answer.complete
    assert answer.seconds > 0


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Same")]
)
async def test_a_body_that_no_client_sees_is_dropped(
    start: Start, method: str, status: str
) -> None:
    target = await start(
        "wsgi",
        f"""
        def app(environ, start_response):
            start_response({status!r}, [("Content-Length", "4")])
            return [b"body"]
        """,
    )
    answer = await target.send(Probe(method, "/"))

    assert (answer.body, answer.chunks, answer.complete) == (b"", (), True)


@pytest.mark.parametrize(("length", "read"), [(9, "four, cut short"), (2, "fo")])
async def test_the_content_length_decides_what_a_client_reads(
    start: Start, length: int, read: str
) -> None:
    target = await start(
        "wsgi",
        f"""
        def app(environ, start_response):
            start_response("200 OK", [("Content-Length", "{length}")])
            return [b"four"]
        """,
    )
    answer = await target.send(HELLO)

    assert answer.body.decode() + ("" if answer.complete else ", cut short") == read


async def test_an_exception_is_the_answers_failure(start: Start) -> None:
    target = await start("wsgi", "def app(environ, start_response):\n    raise KeyError('x')")
    answer = await target.send(HELLO)

    assert (answer.status, answer.failure) == (0, "KeyError: 'x'")


async def test_a_body_that_breaks_off_is_incomplete_and_closed(start: Start) -> None:
    target = await start(
        "wsgi",
        """
        closed = []
        class Body:
            def __iter__(self):
                yield b"first"
                raise OSError("disk")
            def close(self):
                closed.append(True)
        def app(environ, start_response):
            start_response("200 OK", [("X-Closed", str(len(closed)))])
            return Body()
        """,
    )
    first, second = await target.send(HELLO), await target.send(HELLO)

    assert (first.status, first.body, first.complete) == (200, b"first", False)
    assert second.header("x-closed") == "1"


async def test_headers_may_be_replaced_until_the_body_has_begun(start: Start) -> None:
    target = await start(
        "wsgi",
        """
        import sys
        def app(environ, start_response):
            start_response("200 OK", [])
            try:
                raise ValueError("late")
            except ValueError:
                start_response("500 Oops", [], sys.exc_info())
            return [b""]
        """,
    )
    assert (await target.send(HELLO)).status == 500


async def test_an_app_may_run_an_event_loop_of_its_own(start: Start) -> None:
    target = await start(
        "wsgi",
        """
        import asyncio
        async def body():
            await asyncio.sleep(0)
            return b"async"
        def app(environ, start_response):
            start_response("200 OK", [])
            return [asyncio.run(body())]
        """,
    )
    assert (await target.send(HELLO)).body == b"async"


async def test_a_fresh_state_is_a_new_import(start: Start) -> None:
    target = await start("wsgi", COUNTER)
    await target.send(HELLO)
    assert (await target.send(HELLO)).body == b"2"
    await target.reset()

    assert (await target.send(HELLO)).body == b"1"


async def test_a_reset_of_the_apps_own_is_called_instead(start: Start) -> None:
    target = await start("wsgi", COUNTER, reset="wsgi_app0:start_over")
    await target.send(HELLO)
    await target.reset()

    assert (await target.send(HELLO)).body == b"101"


@pytest.mark.parametrize("reset", ["wsgi_app0:missing", "nowhere:reset"])
async def test_a_reset_that_is_not_there_cannot_run(start: Start, reset: str) -> None:
    with pytest.raises(TargetError, match="write MODULE:CALLABLE"):
        await start("wsgi", COUNTER, reset=reset)


async def test_a_reset_that_fails_cannot_run(start: Start) -> None:
    target = await start("wsgi", COUNTER, reset="wsgi_app0:fail")

    with pytest.raises(TargetError, match="wsgi_app0:fail failed: ZeroDivisionError"):
        await target.reset()


async def test_an_app_that_blocks_is_interrupted(start: Start, watchdog: Watchdog) -> None:
    watchdog.seconds = 0.2
    target = await start(
        "wsgi",
        """
        import time
        def app(environ, start_response):
            try:
                time.sleep(60)
            except Exception:
                pass
        """,
    )
    answer = await target.send(HELLO)

    assert answer.failure == "no complete answer within 0.2 s"


async def test_an_answer_without_end_is_given_up(start: Start, watchdog: Watchdog) -> None:
    watchdog.seconds = 0.2
    source = """
        import itertools
        def app(environ, start_response):
            start_response("200 OK", [])
            return itertools.repeat(PIECE)
    """
    target = await start("wsgi", source.replace("PIECE", "b''"))
    assert (await target.send(HELLO)).failure == "no complete answer within 0.2 s"
    watchdog.seconds = 5
    target = await start("wsgi", source.replace("PIECE", "bytes(1 << 24)"))
    assert (await target.send(HELLO)).failure == "no complete answer within 256 MiB"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_an_interruption_that_was_lost_comes_again(start: Start, watchdog: Watchdog) -> None:
    watchdog.seconds = 0.2
    target = await start("wsgi", """
        import time
        class Loses:
            def __del__(self):
                time.sleep(60)  # what is raised in here is lost
        def app(environ, start_response):
            Loses()
            time.sleep(60)
    """)  # fmt: skip
    answer = await target.send(HELLO)

    assert answer.failure == "no complete answer within 0.2 s"


async def test_an_app_that_ends_its_process_cannot_run(start: Start) -> None:
    target = await start("wsgi", """
        import os
        def app(environ, start_response):
            os._exit(3)
    """)  # fmt: skip
    with pytest.raises(TargetError, match="ended its process while it answered GET /"):
        await target.send(HELLO)


async def test_each_state_has_an_empty_folder(start: Start) -> None:
    source = """
        import os, pathlib
        def app(environ, start_response):
            start_response("200 OK", [])
            folder = pathlib.Path(os.environ["DATA"])
            (folder / "row").touch()
            return [str(folder).encode()]
    """
    target = await start("wsgi", source, environment={"DATA": "{tmp}"})
    first = (await target.send(HELLO)).body.decode()
    assert target.expand("sqlite:{tmp}/db") == f"sqlite:{first}/db"
    await target.reset()
    second = (await target.send(HELLO)).body.decode()

    assert first != second


COUNTER = """
    count = 0
    def app(environ, start_response):
        global count
        count += 1
        start_response("200 OK", [])
        return [str(count).encode()]
    async def start_over():
        global count
        count = 100
    def fail():
        return 1 / 0
"""
