from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable

import pytest

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.protocol import Target

Start = Callable[..., Awaitable[Target]]

HELLO = Probe("GET", "/")

ANSWER = """
    async def answer(send, body=b"ok", status=200, headers=()):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})
"""


def with_answer(source: str) -> str:
    return textwrap.dedent(ANSWER) + textwrap.dedent(source)


async def test_the_lifespan_runs_and_its_state_reaches_requests(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        events = []
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                assert (await receive())["type"] == "lifespan.startup"
                scope["state"]["pool"] = b"open"
                await send({"type": "lifespan.startup.complete"})
                assert (await receive())["type"] == "lifespan.shutdown"
                await send({"type": "lifespan.shutdown.complete"})
            else:
                await answer(send, scope["state"]["pool"])
        """),
    )
    assert (await target.send(HELLO)).body == b"open"


async def test_a_startup_that_fails_cannot_run(start: Start) -> None:
    source = with_answer("""
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})
    """)
    with pytest.raises(TargetError, match="failed to start") as caught:
        await start("asgi", source)
    assert caught.value.output == "no database"


async def test_an_app_without_lifespan_is_served_all_the_same(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            await answer(send)
        """),
    )
    assert (await target.send(HELLO)).body == b"ok"


async def test_pieces_and_repeated_headers_come_as_the_app_gave_them(start: Start) -> None:
    target = await start(
        "asgi",
        """
        async def app(scope, receive, send):
            headers = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=\\xe9")]
            await send({"type": "http.response.start", "status": 299, "headers": headers})
            for piece in (b"one", b"", b"three"):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})
        """,
    )
    answer = await target.send(HELLO)

    assert (answer.status, answer.reason, answer.body) == (299, "", b"onethree")
    assert answer.header_values("set-cookie") == ("a=1", "b=é")
    assert answer.chunks == (3, 5)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("raise KeyError('x')", "KeyError: 'x'"),
        ("pass", "the app returned without a complete answer"),
        ("import asyncio; raise asyncio.CancelledError", "the app cancelled itself"),
    ],
)
async def test_no_answer_is_a_failure(start: Start, body: str, failure: str) -> None:
    target = await start("asgi", f"async def app(scope, receive, send):\n    {body}")
    answer = await target.send(HELLO)

    assert (answer.status, answer.failure) == (0, failure)


async def test_an_answer_that_breaks_off_is_incomplete(start: Start) -> None:
    target = await start(
        "asgi",
        """
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise OSError("disk")
        """,
    )
    answer = await target.send(HELLO)

    assert (answer.status, answer.body, answer.complete) == (200, b"half", False)


async def test_what_is_raised_after_the_answer_changes_nothing(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        async def app(scope, receive, send):
            await answer(send)
            raise ValueError("told by the app's own log")
        """),
    )
    assert (await target.send(HELLO)).complete


async def test_a_task_after_the_answer_delays_nobody_and_goes_on(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        import asyncio
        done = asyncio.Event()
        async def app(scope, receive, send):
            if scope["path"] == "/done":
                done.set()
                await answer(send)
            else:
                await answer(send, b"early")
                await done.wait()
                app.ended = True
        """),
    )
    assert (await target.send(HELLO)).body == b"early"
    assert (await target.send(Probe("GET", "/done"))).complete


async def test_the_body_arrives_and_then_the_client_stays_until_the_answer(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        import asyncio
        async def app(scope, receive, send):
            body = (await receive())["body"]
            gone = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            assert not gone.done()
            await answer(send, body)
            assert (await gone)["type"] == "http.disconnect"
        """),
    )
    assert (await target.send(Probe("POST", "/", body=b"sent"))).body == b"sent"


@pytest.mark.parametrize("stuck", ["await asyncio.sleep(60)", "time.sleep(60)"])
async def test_an_app_that_never_answers_is_given_up(
    start: Start, watchdog: Watchdog, stuck: str
) -> None:
    watchdog.seconds = 0.2
    target = await start(
        "asgi",
        with_answer(f"""
        import asyncio, time
        async def app(scope, receive, send):
            if scope["path"] == "/stuck":
                {stuck}
            await answer(send)
        """),
    )
    answer = await target.send(Probe("GET", "/stuck"))

    assert answer.failure in ("no complete answer within 0.2 s", "Late")
    watchdog.seconds = 5
    assert (await target.send(HELLO)).body == b"ok"


@pytest.mark.parametrize("pause", ["pass", "await asyncio.sleep(0.01)"], ids=["busy", "dripping"])
async def test_an_answer_without_end_is_given_up(
    start: Start, watchdog: Watchdog, pause: str
) -> None:
    watchdog.seconds = 0.2
    target = await start(
        "asgi",
        with_answer(f"""
        import asyncio
        async def app(scope, receive, send):
            if scope["path"] != "/endless":
                return await answer(send)
            await send({{"type": "http.response.start", "status": 200, "headers": []}})
            while True:
                await send({{"type": "http.response.body", "body": b"more", "more_body": True}})
                {pause}
        """),
    )
    late = await target.send(Probe("GET", "/endless"))

    assert (late.status, late.body) == (0, b"")
    assert late.failure == "no complete answer within 0.2 s"
    watchdog.seconds = 5
    assert (await target.send(HELLO)).body == b"ok"


async def test_an_answer_is_given_up_where_it_grows_beyond_memory(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_harness.targets.answer.MOST_BYTES", 3 << 20)
    target = await start(
        "asgi",
        with_answer("""
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                body = bytes(1 << 20)
                await send({"type": "http.response.body", "body": body, "more_body": True})
        """),
    )
    assert (await target.send(HELLO)).failure == "no complete answer within 3 MiB"


@pytest.mark.parametrize("end", ["os._exit(3)", "sys.exit(3)"])
async def test_an_app_that_ends_its_process_cannot_run(start: Start, end: str) -> None:
    target = await start("asgi", f"""
        import os, sys
        async def app(scope, receive, send):
            if scope["type"] == "http":
                {end}
    """)  # fmt: skip
    with pytest.raises(TargetError, match="ended its process while it answered GET /"):
        await target.send(HELLO)


async def test_an_app_may_end_processes_that_it_forks(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        import os
        async def app(scope, receive, send):
            child = os.fork() or os._exit(3)
            _, status = os.waitpid(child, 0)
            await answer(send, b"%d" % os.waitstatus_to_exitcode(status))
        """),
    )
    assert (await target.send(HELLO)).body == b"3"


async def test_a_startup_that_blocks_cannot_run(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_harness.targets.in_process.app.STARTUP_SECONDS", 0.2)
    source = """
        import time
        async def app(scope, receive, send):
            time.sleep(60)
    """
    with pytest.raises(TargetError) as blocked:
        await start("asgi", source)
    assert blocked.value.output == "its lifespan blocked the event loop"
    with pytest.raises(TargetError, match=r"the start of .* did not come back within 0\.2 s"):
        await start("asgi", "import time; time.sleep(60)")


async def test_a_fresh_state_ends_the_old_lifespan(start: Start) -> None:
    target = await start(
        "asgi",
        with_answer("""
        import os
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                os.environ["PARITY_ENDED"] = "yes"
                await send({"type": "lifespan.shutdown.complete"})
            else:
                await answer(send, os.environ.get("PARITY_ENDED", "no").encode())
        """),
        environment={"PARITY_ENDED": "no"},
    )
    assert (await target.send(HELLO)).body == b"no"
    await target.reset()
    assert (await target.send(HELLO)).body == b"no"  # its own environment is fresh, too


async def test_a_shutdown_that_never_ends_is_cancelled(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_harness.targets.in_process.lifespan._SHUTDOWN_SECONDS", 0.05)
    target = await start(
        "asgi",
        with_answer("""
        import asyncio
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await asyncio.Event().wait()
        """),
    )
    async with asyncio.timeout(5):
        await target.close()


async def test_a_startup_that_never_ends_cannot_run(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_harness.targets.in_process.lifespan._STARTUP_SECONDS", 0.05)
    source = """
        import asyncio
        async def app(scope, receive, send):
            await asyncio.Event().wait()
    """
    with pytest.raises(TargetError, match=r"did not start within 0\.05 s"):
        await start("asgi", source)
